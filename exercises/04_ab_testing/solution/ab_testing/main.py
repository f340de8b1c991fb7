"""Assembles the A/B testing service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes
from .experiments import ExperimentsFile
from .settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read the experiments before the first request: without a valid configuration, nothing is served."""
    app.state.experiments_file = ExperimentsFile(settings.experiments_file)
    yield


app = FastAPI(title="Configured A/B tests", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app)
