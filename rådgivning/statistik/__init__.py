"""Figures nobody can be found in."""
