"""Assembles the shop's API. Nothing is left to do here."""

from fastapi import FastAPI

from . import routes

app = FastAPI(title="Shop")
app.include_router(routes.router)
