"""Assembles the enrichment API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import jobs, routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Cancel the jobs that are under way when the server stops."""
    yield
    await jobs.cancel_jobs()


app = FastAPI(title="Asynchronous data enrichment", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app)
