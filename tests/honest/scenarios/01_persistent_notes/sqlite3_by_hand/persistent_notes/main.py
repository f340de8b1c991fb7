"""The app of the notes."""

from fastapi import FastAPI

from . import database, routes

database.prepare()
app = FastAPI(title="Persistent notes")
app.include_router(routes.router)
