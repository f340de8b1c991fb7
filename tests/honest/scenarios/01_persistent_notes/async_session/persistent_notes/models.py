"""The shapes of a note: what a client sends, what the table stores, and what a client gets."""

from datetime import UTC, datetime

from pydantic import BaseModel
from sqlmodel import Field, SQLModel

from shared.text import NonBlank


class NoteBase(SQLModel):
    """What all shapes of a note have in common."""

    title: NonBlank
    content: NonBlank


class NoteCreate(NoteBase):
    """What a client sends to create a note."""


class Note(NoteBase, table=True):
    """A row of the table; SQLite would use the id of a deleted row again without AUTOINCREMENT."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class NotePublic(NoteBase):
    """A note as it is returned."""

    id: int
    created_at: datetime


class ErrorMessage(BaseModel):
    """What a client gets when there is no such note."""

    detail: str
