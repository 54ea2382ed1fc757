"""Figures nobody can be found in: tables, controlled rounding, the attacker that tests them, and their releases."""
