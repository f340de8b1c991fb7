"""The engine, and a session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session, SQLModel, text

from shared.database import open_engine

from .models.challenges import CREATE_CHALLENGE_TEXT
from .settings import settings

engine = open_engine(settings.database_url)


def create_tables() -> None:
    """Create the tables that do not exist yet, and the full-text index."""
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text(CREATE_CHALLENGE_TEXT))


def get_session() -> Iterator[Session]:
    """Open a session for one request; what it does not commit is undone."""
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
