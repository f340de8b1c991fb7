"""The engine, the first Admin, and a session for each request."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session, SQLModel

from shared.database import open_engine

from . import service
from .settings import settings

engine = open_engine(settings.database_url)


def prepare() -> None:
    """Create the tables that do not exist yet, and the first Admin if there is no Admin."""
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        service.ensure_admin(session, settings.admin_username, settings.admin_password)


def get_session() -> Iterator[Session]:
    """Open a session for one request; a row keeps its values after the commit."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
