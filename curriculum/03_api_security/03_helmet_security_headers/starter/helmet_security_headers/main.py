"""Assembles the shop.

Still missing: the security headers, the redirect to HTTPS, and docs with a policy of their own.
"""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from shared.problems import install_problem_handlers

from . import routes
from .warehouse import warehouse

app = FastAPI(title="Shop", redoc_url=None)
app.include_router(routes.router)
app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
app.mount("/warehouse", warehouse)
install_problem_handlers(app)
