"""What may be counted: one row per event, without a person and without a date."""
