"""Assembles the sticky notes API. Nothing is left to do here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import database, routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before the first request."""
    database.create_tables()  # `routes` has imported `models`, so the tables are known
    yield  # the app serves requests here; what comes after would run when it stops


app = FastAPI(title="Persistent notes", lifespan=lifespan)
app.include_router(routes.router)
