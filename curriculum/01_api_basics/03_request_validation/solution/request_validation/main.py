"""Assembles the shop's API."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from shared.problems import install_problem_handlers

from .problems import VALIDATION_RESPONSES, answer_validation_error
from .routes import customers, products

app = FastAPI(title="Shop", responses=VALIDATION_RESPONSES)
app.include_router(products.router)
app.include_router(customers.router)
install_problem_handlers(app)
app.add_exception_handler(RequestValidationError, answer_validation_error)
