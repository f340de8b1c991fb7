"""Assembles the A/B testing service: it starts, and knows no experiment yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Do what must be done before the first request: an exception that is raised here stops the start."""
    yield


app = FastAPI(title="Configured A/B tests", lifespan=lifespan)
app.include_router(routes.router)
