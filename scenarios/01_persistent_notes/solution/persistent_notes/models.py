"""The shapes of a note: what a client sends, what the table holds, and what a client gets back."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from shared.database import utc_now
from shared.text import NonBlank


class NoteCreate(SQLModel):
    """What a client sends to stick a note."""

    title: NonBlank
    content: NonBlank


class Note(NoteCreate, table=True):
    """A row of the table; SQLite gives the id of a deleted row again unless AUTOINCREMENT forbids it."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now)


class NotePublic(NoteCreate):
    """A note as it is answered."""

    id: int
    created_at: datetime
