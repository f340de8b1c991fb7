"""Assembles the shop's API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes
from .settings import settings


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the folder of the uploads before the first request."""
    settings.upload_dir.mkdir(parents=True, exist_ok=True)
    yield


app = FastAPI(title="Shop", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app)
