"""The engine, and a session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session, SQLModel

from shared.database import open_engine

from .settings import settings

engine = open_engine(settings.database_url)


def prepare() -> None:
    """Create the table, unless the older shops have left one."""
    SQLModel.metadata.create_all(engine)


def get_session() -> Iterator[Session]:
    """Open a session for one request."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
