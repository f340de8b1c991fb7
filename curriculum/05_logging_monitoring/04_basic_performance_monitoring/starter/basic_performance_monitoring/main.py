"""Assembles the shop's API. Nothing is left to do here."""

import logging

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from .middleware import MetricsMiddleware
from .routes import monitoring, orders, products, reports, shipping

# uvicorn sets up its own loggers only. This gives all others a handler.
logging.basicConfig(format="%(levelname)s: %(name)s: %(message)s")

app = FastAPI(title="Shop")
app.add_middleware(MetricsMiddleware)
app.include_router(products.router)
app.include_router(orders.router)
app.include_router(shipping.router)
app.include_router(reports.router)
app.include_router(monitoring.router)
install_problem_handlers(app)
