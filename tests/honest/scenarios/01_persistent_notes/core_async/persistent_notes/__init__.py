"""Sticky notes with SQLAlchemy Core, in the event loop, with times in whole seconds."""
