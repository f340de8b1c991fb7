"""Assembles the shop's API. Still missing: the headers of CORS, and the refusal of untrusted writes."""

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from shared.problems import install_problem_handlers

from . import routes

app = FastAPI(title="Shop")
app.add_middleware(GZipMiddleware)
app.include_router(routes.router)
install_problem_handlers(app)
