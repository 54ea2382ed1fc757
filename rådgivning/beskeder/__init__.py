"""Notices: that something has happened, how often, and where to look; in the app and by e-mail. Never who or what."""
