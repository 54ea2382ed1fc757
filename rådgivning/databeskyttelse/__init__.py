"""What the databeskyttelse role does: users, and the trail's pages."""
