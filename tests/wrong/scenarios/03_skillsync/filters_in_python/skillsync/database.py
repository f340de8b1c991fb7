"""Connections to SQLite, the schema, and what several routers ask of it."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import HTTPException

from .schemas import Page, Paging

FILE = os.environ.get("DATABASE_URL", "sqlite:///skillsync.db").removeprefix("sqlite:///")

SCHEMA = """
    CREATE TABLE IF NOT EXISTS users (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        created_at TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS challenges (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        description TEXT NOT NULL,
        difficulty TEXT NOT NULL,
        topic TEXT NOT NULL,
        tags TEXT NOT NULL,  -- a JSON array, as it was sent
        designer_id INTEGER NOT NULL REFERENCES users,
        completions INTEGER NOT NULL DEFAULT 0,
        created_at TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS challenges_topic ON challenges (topic);
    CREATE TABLE IF NOT EXISTS challenge_tags (
        tag TEXT NOT NULL,  -- folded
        challenge_id INTEGER NOT NULL REFERENCES challenges,
        PRIMARY KEY (tag, challenge_id)
    ) WITHOUT ROWID;
    CREATE VIRTUAL TABLE IF NOT EXISTS challenge_texts USING fts5 (
        title, description, tokenize = "unicode61 remove_diacritics 0"
    );
    CREATE TABLE IF NOT EXISTS completions (
        user_id INTEGER NOT NULL REFERENCES users,
        challenge_id INTEGER NOT NULL REFERENCES challenges,
        PRIMARY KEY (user_id, challenge_id)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS feedback (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        challenge_id INTEGER NOT NULL REFERENCES challenges,
        user_id INTEGER NOT NULL REFERENCES users,
        stars INTEGER,
        text TEXT,
        created_at TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS feedback_of_challenge ON feedback (challenge_id, id);
    CREATE UNIQUE INDEX IF NOT EXISTS one_rating ON feedback (challenge_id, user_id) WHERE text IS NULL;
    CREATE TABLE IF NOT EXISTS paths (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        description TEXT NOT NULL,
        created_at TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS path_challenges (
        path_id INTEGER NOT NULL REFERENCES paths,
        position INTEGER NOT NULL,
        challenge_id INTEGER NOT NULL REFERENCES challenges,
        PRIMARY KEY (path_id, position)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS enrolments (
        user_id INTEGER NOT NULL REFERENCES users,
        path_id INTEGER NOT NULL REFERENCES paths,
        PRIMARY KEY (user_id, path_id)
    ) WITHOUT ROWID;
"""

Item = TypeVar("Item")


@contextmanager
def transaction(begin: str) -> Iterator[sqlite3.Connection]:
    """Lend a connection in a transaction, which is undone if anything is raised."""
    with closing(sqlite3.connect(FILE, timeout=30, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(begin)
        yield db
        db.execute("COMMIT")


def reading() -> AbstractContextManager[sqlite3.Connection]:
    """Read from one state of the database, however many questions it takes."""
    return transaction("BEGIN")


def writing() -> AbstractContextManager[sqlite3.Connection]:
    """Write as the only one who does."""
    return transaction("BEGIN IMMEDIATE")


def prepare() -> None:
    """Create what is not there yet."""
    with closing(sqlite3.connect(FILE, timeout=30)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(SCHEMA)


def now() -> str:
    """Tell the time in UTC."""
    return datetime.now(UTC).isoformat()


def insert(db: sqlite3.Connection, table: str, **values: Any) -> int:
    """Insert a row and give its id; the names come from this code and never from a client."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608
    return cursor.lastrowid or 0


def require(db: sqlite3.Connection, table: str, row_id: int, status: int = 404) -> sqlite3.Row:
    """Give the row with this id, or let the request fail with this status."""
    row: sqlite3.Row | None = db.execute(f"SELECT * FROM {table} WHERE id = ?", [row_id]).fetchone()  # noqa: S608
    if row is None:
        raise HTTPException(status, f"There is no such row in {table}.")
    return row


def page_of(
    db: sqlite3.Connection,
    paging: Paging,
    select: str,
    values: Sequence[Any],
    make: Callable[[sqlite3.Row], Item],
) -> Page[Item]:
    """Give one page of what a select finds, each row made into an item."""
    total = db.execute(f"SELECT count(*) FROM ({select})", values).fetchone()[0]  # noqa: S608
    offset = (paging.page - 1) * paging.size
    rows = db.execute(f"{select} LIMIT ? OFFSET ?", [*values, paging.size, offset]) if offset < total else []
    return Page(
        items=[make(row) for row in rows],
        page=paging.page,
        size=paging.size,
        total=total,
        pages=-(-total // paging.size),
    )
