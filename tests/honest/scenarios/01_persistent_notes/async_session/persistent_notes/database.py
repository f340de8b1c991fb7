"""The asynchronous engine, and a session for each request."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import SQLModel

from .settings import settings

MAX_ID = 2**63 - 1

engine = create_async_engine(
    settings.database_url.replace("sqlite:", "sqlite+aiosqlite:"),
    connect_args={"timeout": 30},
    max_overflow=-1,
)


async def create_tables() -> None:
    """Create the tables that do not exist yet."""
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)


async def get_session() -> AsyncIterator[AsyncSession]:
    """Open a session for one request."""
    async with AsyncSession(engine) as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]
