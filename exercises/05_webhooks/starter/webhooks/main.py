"""Assembles the app that receives webhooks: it starts, and receives none yet."""

from fastapi import FastAPI

from . import routes

app = FastAPI(title="Signed webhooks")
app.include_router(routes.router)
