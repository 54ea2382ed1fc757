"""Consents: what a resident lets be shared, with whom and until when."""
