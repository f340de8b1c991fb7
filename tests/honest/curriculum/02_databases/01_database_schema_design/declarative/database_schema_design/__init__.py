"""The shop with SQLAlchemy's own declarative classes, rows locked while they are used, and constraints with names."""
