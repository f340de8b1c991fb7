"""Assembles the lead API: its one path answers 501 until you write it."""

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes

app = FastAPI(title="Leads")
app.include_router(routes.router)
install_problem_handlers(app)  # gives every error one shape, the 422 of a payload that is not valid too
