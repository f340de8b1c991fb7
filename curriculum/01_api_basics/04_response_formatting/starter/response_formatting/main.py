"""Assembles the shop's API. Still missing: the handlers of exceptions (see `errors`)."""

from fastapi import FastAPI

from .routes import crash, products

app = FastAPI(title="Shop")
app.include_router(products.router)
app.include_router(crash.router)
