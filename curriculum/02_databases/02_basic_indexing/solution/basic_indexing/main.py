"""Assembles the shop's API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI
from sqlalchemy import Engine

from shared.problems import install_problem_handlers

from . import database
from .routes import customers, orders, products


class State(TypedDict):
    """What the lifespan gives to each request, as `request.state`."""

    engine: Engine


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Open the database before the first request, and close it after the last."""
    with database.open_database() as engine:
        yield {"engine": engine}


app = FastAPI(title="Shop", lifespan=lifespan)
app.include_router(customers.router)
app.include_router(orders.router)
app.include_router(products.router)
install_problem_handlers(app)
