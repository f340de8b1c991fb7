"""The app, which reads its notes at the start and writes them at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import database, routes
from .models import Note


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Read, serve, write."""
    counter, *lines = database.load() or ["0"]
    routes.counter[0] = int(counter)
    stored = map(Note.model_validate_json, lines)
    routes.notes.update({note.id: note for note in stored})
    yield
    database.save(routes.counter[0], routes.notes.values())


app = FastAPI(lifespan=lifespan)
app.include_router(routes.router)
