"""The shapes of a note: what a client sends, what the table stores, and what a client gets.

The table has an id and no time yet. Nothing in this module knows what HTTP is, and nothing opens the database.
"""

from sqlmodel import Field, SQLModel

from shared.text import NonBlank


class NoteBase(SQLModel):
    """What all shapes of a note have in common."""

    title: NonBlank
    content: NonBlank


class NoteCreate(NoteBase):
    """What a client sends to create a note."""


class Note(NoteBase, table=True):
    """A row of the table."""

    id: int | None = Field(default=None, primary_key=True)  # None until the database has assigned it


class NotePublic(NoteBase):
    """A note as it is returned."""

    id: int
