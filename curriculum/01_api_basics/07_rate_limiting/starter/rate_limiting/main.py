"""Assembles the shop's API. Nothing is left to do here."""

import logging

from fastapi import FastAPI, status

from shared.problems import install_problem_handlers, problem_responses

from .middleware import limit_rate
from .routes import health, products

# uvicorn sets up its own loggers only. This gives all others a handler.
logging.basicConfig(format="%(levelname)s: %(name)s: %(message)s")

app = FastAPI(title="Shop")
app.middleware("http")(limit_rate)
app.include_router(health.router)
app.include_router(products.router, responses=problem_responses(status.HTTP_429_TOO_MANY_REQUESTS))
install_problem_handlers(app)
