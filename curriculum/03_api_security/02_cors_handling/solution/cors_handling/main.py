"""Assembles the shop's API, and what stands between it and the pages of other origins."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from shared.problems import install_problem_handlers

from . import routes
from .guard import WriteGuard
from .origins import TrustedOrigins
from .settings import settings

api = FastAPI(title="Shop")
api.add_middleware(GZipMiddleware)
api.include_router(routes.router)
install_problem_handlers(api)

trusted = TrustedOrigins(settings.cors_origins, settings.cors_origin_suffix)

# Around everything: what `add_middleware` adds is within the handler of unexpected errors, and never sees its 500.
app = CORSMiddleware(
    WriteGuard(api, trusted),
    allow_origins=trusted.exact,
    allow_origin_regex=trusted.pattern,
    allow_methods=["GET", "POST", "PUT", "DELETE"],  # not "*", which is literal where there are credentials
    allow_headers=["Authorization", "Content-Type"],
    expose_headers=["X-Total-Count"],
    allow_credentials=True,
    max_age=3600,
)
