"""Sundhedstjek: sessions and head counts, no person."""
