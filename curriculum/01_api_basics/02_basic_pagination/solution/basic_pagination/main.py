"""Assembles the shop's API."""

from fastapi import FastAPI

from . import routes

app = FastAPI(title="Shop")
app.include_router(routes.router)
