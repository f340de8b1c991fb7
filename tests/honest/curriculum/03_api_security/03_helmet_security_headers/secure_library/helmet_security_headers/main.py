"""FastAPI's own `/docs`, whose inline script is hashed once at the start, and `secure` around everything."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles

from shared.problems import install_problem_handlers

from . import routes, shop
from .helmet import Helmet
from .settings import Settings
from .warehouse import warehouse


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Open the shop before the first request."""
    shop.open_shop()
    yield


api = FastAPI(title="Shop", lifespan=lifespan, swagger_ui_oauth2_redirect_url=None)
api.include_router(routes.router)
api.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
api.mount("/warehouse", warehouse)
install_problem_handlers(api)

page = bytes(get_swagger_ui_html(openapi_url="/openapi.json", title="Shop - Swagger UI").body).decode()
inline = page.rpartition("<script>")[2].partition("</script>")[0]
digest = hashlib.sha384(inline.encode()).digest()
app = Helmet(api, Settings(), f"'sha384-{b64encode(digest).decode()}'")
