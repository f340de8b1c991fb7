"""Assembles the enrichment API: it starts, and its two paths answer 501."""

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes

app = FastAPI(title="Asynchronous data enrichment")
app.include_router(routes.router)
install_problem_handlers(app)  # gives every error one shape, the 422 of a payload that is not valid too
