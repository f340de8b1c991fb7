"""One connection for the whole process; a lock lets one request at a time use it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, create_engine

engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///notes.db"))
turn = asyncio.Lock()


@asynccontextmanager
async def transaction() -> AsyncIterator[Connection]:
    """Lend the connection, and commit at the end; SQLite's short waits happen in the event loop."""
    async with turn:
        with engine.begin() as connection:
            yield connection
