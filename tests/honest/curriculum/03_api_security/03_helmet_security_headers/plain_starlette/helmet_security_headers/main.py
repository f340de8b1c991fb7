"""Plain Starlette: endpoints may set a policy of their own in the scope; `/docs` has a nonce for each response."""

import ipaddress
import json
import os
import re
import secrets
from html import escape
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from .warehouse import warehouse

IMAGES = os.environ.get("CSP_IMG_SOURCES", "")
SWITCHES = {"": False, "0": False, "1": True}
REPORT_ONLY = SWITCHES[os.environ.get("CSP_REPORT_ONLY", "")]
EMBED_ORIGIN = os.environ.get("EMBED_ORIGIN") or "'none'"
FORCE_HTTPS = SWITCHES[os.environ.get("FORCE_HTTPS", "")]
PUBLIC_HOST = os.environ.get("PUBLIC_HOST") or "shop.example"
PROXIES = [
    ipaddress.ip_network(one.strip()) for one in (os.environ.get("TRUSTED_PROXIES") or "127.0.0.1").split(",")
]
if (
    re.search("[,;]", IMAGES)
    or not re.fullmatch(r"'none'|https?://[^/\s;,*]+", EMBED_ORIGIN)
    or not re.fullmatch(r"[a-zA-Z0-9.-]+(:[0-9]+)?", PUBLIC_HOST)
):
    raise SystemExit("CSP_IMG_SOURCES, EMBED_ORIGIN or PUBLIC_HOST is wrong.")

FIXED = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-xss-protection", b"0"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
SOMETIMES = {
    b"x-frame-options",
    b"strict-transport-security",
    b"content-security-policy",
    b"content-security-policy-report-only",
}
PAGE_POLICY = (
    "frame-ancestors {ancestors}; form-action 'self'; base-uri 'none'; connect-src 'self'; "
    f"img-src {IMAGES} 'self'; style-src 'self'; script-src 'self'; default-src 'none';"
)
DOCS_POLICY = (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; connect-src 'self'; "
    "img-src data: https:; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}' 'strict-dynamic'"
)
PRODUCTS = {
    1: {
        "id": 1,
        "name": "Mug",
        "description": "<b>Mug</b><script>location = 'https://mugs.example'</script>"
        "<img src=/static/none.svg onerror=\"location = 'https://mugs.example'\">",
    },
    2: {"id": 2, "name": "Plate", "description": "<p>A plate of 24 cm.</p>"},
}
ORDERS: list[dict[str, int]] = []
HEAD = '<!doctype html><link rel="stylesheet" href="/static/shop.css"><script src="/static/shop.js" defer></script>'
DOCS = """<!doctype html>
<link rel="stylesheet" nonce="{nonce}" href="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css">
<div id="docs"></div>
<script nonce="{nonce}" src="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js"></script>
<script nonce="{nonce}">SwaggerUIBundle({{url: "/openapi.json", dom_id: "#docs"}})</script>
"""


def problem(status: int) -> JSONResponse:
    content = {"type": "about:blank", "title": "Problem", "status": status, "detail": "That did not work."}
    return JSONResponse(content, status, media_type="application/problem+json")


def find(request: Request) -> dict[str, Any]:
    number = request.path_params["number"]
    if not re.fullmatch("[0-9]+", number):
        raise HTTPException(422)
    if int(number) not in PRODUCTS:
        raise HTTPException(404)
    return PRODUCTS[int(number)]


async def products(_request: Request) -> Response:
    return JSONResponse(list(PRODUCTS.values()))


async def product(request: Request) -> Response:
    return JSONResponse(find(request))


async def page(request: Request) -> Response:
    found = find(request)
    return HTMLResponse(f'{HEAD}<h1>{escape(found["name"])}</h1>{found["description"]}<p id="status"></p>')


async def short(request: Request) -> Response:
    return RedirectResponse(f"/products/{find(request)['id']}/page")


async def orders(request: Request) -> Response:
    if request.method == "GET":
        return JSONResponse(ORDERS)
    try:
        sent = json.loads(await request.body())
        order = {
            "id": len(ORDERS) + 1,
            "product_id": int(sent["product_id"]),
            "quantity": int(sent["quantity"]),
        }
        if order["product_id"] not in PRODUCTS:
            return problem(404)
    except (ValueError, KeyError, TypeError, OverflowError):
        return problem(422)
    ORDERS.append(order)
    return JSONResponse(order, 201)


async def embed(_request: Request) -> Response:
    return HTMLResponse(f'{HEAD}<p id="status"></p>')


async def docs(request: Request) -> Response:
    nonce = secrets.token_urlsafe(16)
    request.scope["own_policy"]["policy"] = DOCS_POLICY.format(nonce=nonce)
    return HTMLResponse(DOCS.format(nonce=nonce))


async def crash(_request: Request) -> Response:
    raise ZeroDivisionError


async def on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code)


async def on_error(_request: Request, _error: Exception) -> Response:
    return problem(500)


shop = Starlette(
    routes=[
        Route("/products", products),
        Route("/products/{number}", product),
        Route("/products/{number}/page", page),
        Route("/p/{number}", short),
        Route("/orders", orders, methods=["GET", "POST"]),
        Route("/embed", embed),
        Route("/docs", docs),
        Route("/crash", crash),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        Mount("/warehouse", warehouse),
    ],
    exception_handlers={HTTPException: on_http_error, Exception: on_error},
)


def is_https(scope: Scope) -> bool:
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    peer = ipaddress.ip_address(scope["client"][0]) if scope["client"] else None
    if said and peer is not None and any(peer in network for network in PROXIES):
        return bool(said[-1] == b"https")
    return bool(scope["scheme"] == "https")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return await shop(scope, receive, send)
    secure = is_https(scope)
    own: dict[str, str] = {}

    async def reply(message: Message) -> None:
        if message["type"] == "http.response.start":
            ours = {name for name, _ in FIXED} | SOMETIMES
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in ours]
            kept += FIXED
            ancestors = "'none'"
            if scope["path"] == "/embed":
                ancestors = EMBED_ORIGIN
            else:
                kept.append((b"x-frame-options", b"DENY"))
            if secure:
                kept.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
            policy = own.get("policy", PAGE_POLICY.format(ancestors=ancestors)).encode()
            if REPORT_ONLY:
                kept.append((b"content-security-policy-report-only", policy))
                policy = f"frame-ancestors {ancestors}".encode()
            message = {**message, "headers": [*kept, (b"content-security-policy", policy)]}
        await send(message)

    if FORCE_HTTPS and not secure:
        mark = b"?" if scope["query_string"] else b""
        target = scope["raw_path"] + mark + scope["query_string"]
        location = b"https://" + PUBLIC_HOST.encode() + target
        await reply({"type": "http.response.start", "status": 308, "headers": [(b"location", location)]})
        await send({"type": "http.response.body", "body": b""})
    else:
        await shop({**scope, "own_policy": own}, receive, reply)
    return None
