"""Assembles the shop's API."""

from fastapi import FastAPI, status

from .errors import error_responses, install_error_handlers
from .routes import crash, products

app = FastAPI(title="Shop", responses=error_responses(status.HTTP_500_INTERNAL_SERVER_ERROR))
app.include_router(products.router)
app.include_router(crash.router)
install_error_handlers(app)
