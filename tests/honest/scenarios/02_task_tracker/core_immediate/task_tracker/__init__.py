"""A task tracker on SQLAlchemy Core."""
