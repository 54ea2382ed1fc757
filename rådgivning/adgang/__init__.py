"""Users, sessions, drafts, security headers and the one permission table."""
