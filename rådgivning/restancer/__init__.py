"""Restancesager: phases, amounts, outcomes."""
