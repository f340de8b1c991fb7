"""The page `/docs`: Swagger UI, which a CDN serves, and one inline script that starts it."""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

CDN = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/"
"""Where the page gets Swagger UI from. The host alone would allow every package of npm, and so every script."""

PAGE = bytes(get_swagger_ui_html(openapi_url="/openapi.json", title="Shop").body).decode()

router = APIRouter(include_in_schema=False)


@router.get("/docs", response_class=HTMLResponse)
def read_docs() -> str:
    """Show what the API can do."""
    return PAGE


def hash_inline_script(page: str) -> str:
    """Return the source that allows the inline script of a page, and no other one (CSP Level 3, section 2.3.1).

    Args:
        page: with exactly one `<script>` without attributes.
    """
    (script,) = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


SCRIPT_HASH = hash_inline_script(PAGE)
