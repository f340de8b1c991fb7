"""Users and their passwords, without FastAPI."""
