"""The reports as plain SQL."""
