"""All the SQL: a connection for each question, a transaction for each change."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from .models import Note, NoteDraft

FILE = os.environ.get("DATABASE_URL", "sqlite:///notes.db").removeprefix("sqlite:///")

SCHEMA = """
    CREATE TABLE IF NOT EXISTS notes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        content TEXT NOT NULL,
        created_at TEXT NOT NULL
    )
"""


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """Lend a connection, and commit what was done with it."""
    with closing(sqlite3.connect(FILE, timeout=30)) as connection, connection:
        connection.row_factory = sqlite3.Row
        yield connection


def prepare() -> None:
    """Create what is not there yet."""
    with transaction() as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(SCHEMA)


def key(note_id: int) -> int | None:
    """Return an id as SQLite takes it; one beyond 64 bits is NULL, which equals no row's."""
    return note_id if -(2**63) <= note_id < 2**63 else None


def insert(draft: NoteDraft) -> Note:
    """Keep a new note."""
    values = (draft.title, draft.content, datetime.now(UTC).isoformat(timespec="milliseconds"))
    with transaction() as db:
        sql = "INSERT INTO notes (title, content, created_at) VALUES (?, ?, ?) RETURNING *"
        return Note(**db.execute(sql, values).fetchone())


def select_all() -> list[Note]:
    """Read all notes, the oldest first."""
    with transaction() as db:
        return [Note(**row) for row in db.execute("SELECT * FROM notes ORDER BY id")]


def select_one(note_id: int) -> Note | None:
    """Read one note."""
    with transaction() as db:
        row = db.execute("SELECT * FROM notes WHERE id = ?", [key(note_id)]).fetchone()
        return Note(**row) if row else None


def delete(note_id: int) -> bool:
    """Delete a note, and tell whether it was there."""
    with transaction() as db:
        return db.execute("DELETE FROM notes WHERE id = ?", [key(note_id)]).rowcount == 1
