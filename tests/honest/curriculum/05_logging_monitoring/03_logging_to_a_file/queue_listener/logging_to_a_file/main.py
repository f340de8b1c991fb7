"""Assembles the shop's API, and the log around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes
from .logs import set_up
from .middleware import RequestLog

listener = set_up()


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Write to the disk while the app runs. No later: uvicorn ends with a signal, and then `atexit` does nothing."""
    listener.start()
    try:
        yield
    finally:
        listener.stop()


api = FastAPI(title="Shop", lifespan=lifespan)
api.include_router(routes.router)
install_problem_handlers(api)

# Around everything: what `add_middleware` adds sees neither the response to an unexpected error nor its header.
app = RequestLog(api)
