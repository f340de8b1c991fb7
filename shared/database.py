"""What every app with a database needs and no app should have to repeat."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel, create_engine

MAX_ID = 2**63 - 1
"""The greatest integer key that SQLite and PostgreSQL can store."""
Row = TypeVar("Row", bound=SQLModel)


def get_row(session: Session, table: type[Row], row_id: int) -> Row | None:
    """Return the row with this key, or `None` if there is none.

    A key beyond 64 bits fits no column, and a database driver would raise for it: no row has one.

    Args:
        session: reads the row.
        table: the table model.
        row_id: an integer of any size, such as one from a path.
    """
    return session.get(table, row_id) if abs(row_id) <= MAX_ID else None


def utc_now() -> datetime:
    """Return the present moment as an aware time in UTC, which SQLModel stores and gives back as such."""
    return datetime.now(UTC)


def open_engine(url: str) -> Engine:
    """Return an engine for the database at `url`, such as `sqlite:///notes.db`.

    SQLite gets what a web app needs of it, once for each connection: foreign keys that are enforced
    (https://www.sqlite.org/foreignkeys.html, section 2), readers that do not wait for a writer and commits that
    outlive the process (https://www.sqlite.org/wal.html), and 30 seconds of patience while another connection writes.
    It also gets as many connections as there are requests: FastAPI finishes an answer in the same threads that would
    wait for a free connection, so a limit below the number of requests can bring both to a halt.
    """
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, max_overflow=-1, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    return engine
