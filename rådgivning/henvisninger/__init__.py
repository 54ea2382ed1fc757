"""Referrals, and their status back to the referrer."""
