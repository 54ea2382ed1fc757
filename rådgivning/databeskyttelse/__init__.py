"""The trail's pages."""
