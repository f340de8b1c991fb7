"""The app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from .database import transaction
from .models import metadata
from .routes import router


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the table if it is not there."""
    async with transaction() as connection:
        metadata.create_all(connection)
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(router)
