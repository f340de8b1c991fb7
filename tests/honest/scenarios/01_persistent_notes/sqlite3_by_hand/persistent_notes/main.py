"""The app of the notes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import database, routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the table before the first request."""
    database.prepare()
    yield


app = FastAPI(title="Persistent notes", lifespan=lifespan)
app.include_router(routes.router)
