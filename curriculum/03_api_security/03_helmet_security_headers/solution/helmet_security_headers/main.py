"""Assembles the shop, and what protects it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, status
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from shared.problems import install_problem_handlers

from . import docs, routes, shop
from .middleware import HttpsOnly, SecurityHeaders
from .policies import DOCS_POLICY, NONE, make_policy
from .settings import Settings, settings
from .warehouse import warehouse


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Open the shop before the first request."""
    shop.open_shop()
    yield


api = FastAPI(
    title="Shop",
    docs_url=None,
    redoc_url=None,
    lifespan=lifespan,
    responses={status.HTTP_308_PERMANENT_REDIRECT: {}},
)
api.include_router(routes.router)
api.include_router(docs.router)
api.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
api.mount("/warehouse", warehouse)
install_problem_handlers(api)


def protect(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Put middleware around a whole app: what `add_middleware` adds would miss the response to an unexpected error."""
    if settings.force_https:
        app = HttpsOnly(app, settings.public_host)
    images = settings.csp_img_sources
    app = SecurityHeaders(
        app,
        policy=make_policy(images),
        policies={"/docs": DOCS_POLICY, "/embed": make_policy(images, settings.embed_origin or NONE)},
        framed_paths=frozenset({"/embed"}),
        report_only=settings.csp_report_only,
    )
    trusted = [str(network) for network in settings.trusted_proxies]
    return ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type, return-value] # uvicorn names types of its own


app = protect(api, settings)
