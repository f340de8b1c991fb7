"""Assembles the app that receives webhooks: it starts, and receives none yet."""

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes

app = FastAPI(title="Signed webhooks")
app.include_router(routes.router)
install_problem_handlers(app)
