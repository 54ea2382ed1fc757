"""What an uploaded Word template may hold."""
