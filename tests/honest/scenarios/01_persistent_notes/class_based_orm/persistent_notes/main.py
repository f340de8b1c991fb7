"""Brings settings, database and routes together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from .database import Database
from .models import Base
from .routes import NoteRoutes
from .settings import Settings

database = Database(Settings().database_url)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables at the start, and close the database at the end."""
    database.create_tables(Base.metadata)
    yield
    database.close()


app = FastAPI(title="Persistent notes", lifespan=lifespan)
app.include_router(NoteRoutes(database).router)
