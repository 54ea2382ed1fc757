"""Residents: stamdata, search, duplicates."""
