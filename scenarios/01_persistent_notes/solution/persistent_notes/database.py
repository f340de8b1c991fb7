"""The engine, and a session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session, SQLModel, create_engine

from .settings import settings

MAX_ID = 2**63 - 1
"""The greatest integer that SQLite stores; its driver raises an error for a greater one."""

# While one connection writes, another waits for up to 30 seconds. There are as many connections as requests: FastAPI
# finishes a response in the threads that would wait for a free connection, so a limit could bring both to a halt.
engine = create_engine(settings.database_url, connect_args={"timeout": 30}, max_overflow=-1)


def create_tables() -> None:
    """Create the tables that do not exist yet."""
    SQLModel.metadata.create_all(engine)


def get_session() -> Iterator[Session]:
    """Open a session for one request; what it does not commit is undone."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
