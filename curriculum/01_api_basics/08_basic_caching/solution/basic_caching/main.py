"""Assembles the shop's API."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from .cache import redis
from .routes import account, products

# uvicorn sets up its own loggers only. This gives all others a handler.
logging.basicConfig(format="%(levelname)s: %(name)s: %(message)s")
logging.getLogger(__package__).setLevel(logging.INFO)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Close the connections to Redis after the last request."""
    async with redis:
        yield


app = FastAPI(title="Shop", lifespan=lifespan)
app.include_router(products.router)
app.include_router(account.router)
install_problem_handlers(app)
