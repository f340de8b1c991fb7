"""The shapes of a note: its table, and what goes over the wire."""

from .schemas import NoteCreate, NoteRead
from .tables import Base, Note

__all__ = ["Base", "Note", "NoteCreate", "NoteRead"]
