"""The engine, and a session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session, SQLModel

from shared.database import open_engine

from .settings import settings

engine = open_engine(settings.database_url)


def prepare() -> None:
    """Create the tables that do not exist yet."""
    SQLModel.metadata.create_all(engine)


def get_session() -> Iterator[Session]:
    """Open a session for one request; a row keeps its values after the commit."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
