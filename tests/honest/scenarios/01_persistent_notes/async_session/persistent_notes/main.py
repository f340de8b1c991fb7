"""Assembles the sticky notes API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import database, routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before the first request."""
    await database.create_tables()
    yield
    await database.engine.dispose()


app = FastAPI(title="Persistent notes", lifespan=lifespan)
app.include_router(routes.router)
