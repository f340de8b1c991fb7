"""Assembles the shop's API.

Still missing: every error is problem details. `install_problem_handlers` of `shared.problems` does this for all but
422, whose handler is yours (`problems.py`); the last handler that is added for an exception counts.
"""

from fastapi import FastAPI

from .problems import VALIDATION_RESPONSES
from .routes import customers, products

app = FastAPI(title="Shop", responses=VALIDATION_RESPONSES)
app.include_router(products.router)
app.include_router(customers.router)
