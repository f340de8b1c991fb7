"""Lead qualification in one file."""
