"""Assembles the shop.

Still missing: the security headers, the redirect to HTTPS, and docs with a policy of their own.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from shared.problems import install_problem_handlers

from . import routes, shop
from .warehouse import warehouse


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Open the shop before the first request."""
    shop.open_shop()
    yield


app = FastAPI(title="Shop", lifespan=lifespan, redoc_url=None)
app.include_router(routes.router)
app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
app.mount("/warehouse", warehouse)
install_problem_handlers(app)
