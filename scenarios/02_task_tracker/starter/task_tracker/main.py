"""Assembles the task tracker: it starts, and answers 404 to all that the ticket asks for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import database, routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before the first request."""
    database.create_tables()
    yield


app = FastAPI(title="Task tracker", lifespan=lifespan)
app.include_router(routes.router)
