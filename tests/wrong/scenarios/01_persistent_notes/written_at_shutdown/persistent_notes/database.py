"""What is written when the server stops, and read when it starts."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing

from .models import Note

FILE = os.environ.get("DATABASE_URL", "sqlite:///notes.db").removeprefix("sqlite:///")


def load() -> list[str]:
    """Read the counter and the notes."""
    with closing(sqlite3.connect(FILE)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS lines (line TEXT)")
        return [line for (line,) in connection.execute("SELECT line FROM lines ORDER BY rowid")]


def save(counter: int, notes: Iterable[Note]) -> None:
    """Write the counter and the notes."""
    lines = [str(counter), *(note.model_dump_json() for note in notes)]
    with closing(sqlite3.connect(FILE)) as connection, connection:
        connection.execute("DELETE FROM lines")
        connection.executemany("INSERT INTO lines VALUES (?)", [(line,) for line in lines])
