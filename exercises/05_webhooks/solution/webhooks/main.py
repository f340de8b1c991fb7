"""Assembles the app that receives webhooks."""

import logging

from fastapi import FastAPI

from . import routes
from .middleware import NoSniff

# uvicorn sets up its own loggers only. This gives all others a handler, unless whoever deploys the app has given one.
logging.basicConfig(format="%(levelname)s: %(name)s: %(message)s")
logging.getLogger(__package__).setLevel(logging.INFO)

api = FastAPI(title="Signed webhooks")
api.include_router(routes.router)

# Around everything: what `add_middleware` adds does not see the response to an unexpected error.
app = NoSniff(api)
