"""Assembles the enrichment API: it starts, and its two paths answer 501."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Do what has to be done before the first request, and after the last one."""
    yield
    # The server stops: what happens now to the jobs that are under way?


app = FastAPI(title="Asynchronous data enrichment", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(app)  # gives every error one shape, the 422 of a payload that is not valid too
