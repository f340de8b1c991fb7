"""Assembles the shop's API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

from . import routes
from .database import open_database
from .middleware import install_error_middleware
from .settings import settings
from .staff import StaffOnly


class State(TypedDict):
    """What the lifespan gives to each request, as `request.state`."""

    database_url: str


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Open the database before the first request."""
    async with open_database() as url:
        yield {"database_url": url}


app = FastAPI(title="Shop", lifespan=lifespan)
app.add_middleware(StaffOnly)
app.include_router(routes.router)
install_error_middleware(app, settings.request_seconds)
