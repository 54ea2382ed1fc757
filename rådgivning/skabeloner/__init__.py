"""Word templates that an organisation uploads: what they may hold, and that nothing of them runs. Knows no content."""
