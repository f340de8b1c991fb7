"""The products of a small shop."""
