"""Sticky notes with SQLAlchemy's own ORM, and a class that holds the routes."""
