"""Assembles the shop's API. Nothing is left to do here."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from .cache import Cache, open_redis
from .routes import account, products
from .settings import settings

# uvicorn sets up its own loggers only. This gives all others a handler.
logging.basicConfig(format="%(levelname)s: %(name)s: %(message)s")
logging.getLogger(__package__).setLevel(logging.INFO)


class State(TypedDict):
    """What the lifespan gives to each request, as `request.state`."""

    cache: Cache


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Keep one client of Redis for all requests; it connects when it is used, and closes after the last request."""
    async with open_redis(settings.redis_url) as redis:
        yield {"cache": Cache(redis, settings.cache_seconds)}


app = FastAPI(title="Shop", lifespan=lifespan)
app.include_router(products.router)
app.include_router(account.router)
install_problem_handlers(app)
