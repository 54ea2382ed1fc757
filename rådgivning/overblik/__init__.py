"""I dag, and a resident's page."""
