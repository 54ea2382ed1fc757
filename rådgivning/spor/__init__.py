"""The audit trail: who did what, and who read whom; hash-chained; without personal data."""
