"""Assembles the shop's API, and the log around it."""

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes
from .logs import configure_logging
from .middleware import RequestLog

configure_logging()

api = FastAPI(title="Shop")
api.include_router(routes.router)
install_problem_handlers(api)

# Around everything: what `add_middleware` adds sees neither the response to an unexpected error nor its header.
app = RequestLog(api)
