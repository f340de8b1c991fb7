"""A task tracker on one connection and one lock."""
