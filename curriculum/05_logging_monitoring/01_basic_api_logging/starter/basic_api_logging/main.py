"""Assembles the shop's API, which logs nothing of its requests yet: what `app` is wrapped in is yours to write."""

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes

app = FastAPI(title="Shop")
app.include_router(routes.router)
install_problem_handlers(app)
