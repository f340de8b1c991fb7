"""Assembles the A/B testing service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from . import routes
from .experiments import ExperimentsFile
from .settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read the experiments before the first request: an invalid configuration stops the start."""
    app.state.experiments_file = ExperimentsFile(settings.experiments_file)
    yield


app = FastAPI(title="Configured A/B tests", lifespan=lifespan)
app.include_router(routes.router)
