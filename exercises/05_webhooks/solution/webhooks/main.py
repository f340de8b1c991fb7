"""Assembles the app that receives webhooks."""

import logging

from fastapi import FastAPI, status
from starlette.requests import ClientDisconnect

from shared.problems import install_problem_handlers

from . import routes
from .headers import NoSniff

# uvicorn sets up its own loggers only. This gives all others a handler, unless whoever deploys the app has given one.
logging.basicConfig(format="%(levelname)s: %(name)s: %(message)s")
logging.getLogger(__package__).setLevel(logging.INFO)

api = FastAPI(title="Signed webhooks")
api.include_router(routes.router)
# Who hangs up half-way through a body would otherwise leave a traceback in the log.
install_problem_handlers(api, {ClientDisconnect: status.HTTP_400_BAD_REQUEST})

# Around everything: what `add_middleware` adds does not see the answer to an unexpected error.
app = NoSniff(api)
