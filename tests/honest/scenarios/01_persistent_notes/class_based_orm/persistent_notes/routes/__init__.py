"""The paths of the API."""

from .notes import NoteRoutes

__all__ = ["NoteRoutes"]
