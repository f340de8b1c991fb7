"""Products, and one ASGI middleware for permissions and refusals."""

import os
import re
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE"}
HEADERS = {"authorization", "content-type"}
LABEL = re.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def is_host(text):
    return all(LABEL.fullmatch(label) for label in text.split("."))


def read_settings():
    listed = os.environ.get("CORS_ORIGINS", "https://shop.example,https://till.example").split(",")
    origins = {origin.strip() for origin in listed} - {""}
    for origin in origins:
        scheme, _, rest = origin.partition("://")
        host, _, port = rest.partition(":")
        if scheme not in {"http", "https"} or not is_host(host) or (port and not port.isdecimal()):
            raise SystemExit(f"CORS_ORIGINS: {origin!r} is not an origin.")
    suffix = os.environ.get("CORS_ORIGIN_SUFFIX", ".shop.example")
    if suffix and not (suffix[0] == "." and is_host(suffix[1:])):
        raise SystemExit(f"CORS_ORIGIN_SUFFIX: {suffix!r} is not a suffix.")
    return origins, suffix


ORIGINS, SUFFIX = read_settings()
PRODUCTS = {}
NUMBERS = iter(range(1, 10**9))


def is_trusted(origin):
    if origin in ORIGINS:
        return True
    scheme, _, host = origin.partition("://")
    return bool(SUFFIX) and scheme == "https" and host.endswith(SUFFIX) and is_host(host[: -len(SUFFIX)])


def problem(status, headers=None):
    words = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": words, "status": status, "detail": words}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def read_product(request: Request):
    try:
        product = await request.json()
        name, price = product["name"], product["price"]
        if not isinstance(name, str) or not name.strip() or not price > 0:
            raise ValueError(product)
    except (ValueError, KeyError, TypeError):
        raise HTTPException(422) from None
    return {"name": name, "price": price}


def number_in(request: Request):
    try:
        number = int(request.path_params["number"])
    except ValueError:
        raise HTTPException(422) from None
    if number not in PRODUCTS:
        raise HTTPException(404)
    return number


async def products(request: Request) -> Response:
    if request.method == "POST":
        product = await read_product(request)
        number = next(NUMBERS)
        PRODUCTS[number] = {"id": number, **product}
        return JSONResponse(PRODUCTS[number], 201)
    if request.method != "GET":
        raise HTTPException(405, headers={"Allow": "GET, POST"})
    found = list(PRODUCTS.values())
    limit = int(request.query_params.get("limit", len(found)))
    if "limit" in request.query_params and limit < 1:
        raise HTTPException(422)
    return JSONResponse(found[:limit], headers={"X-Total-Count": str(len(found))})


async def product(request: Request) -> Response:
    number = number_in(request)
    if request.method == "PUT":
        PRODUCTS[number] = {"id": number, **await read_product(request)}
    if request.method == "DELETE":
        del PRODUCTS[number]
        return Response(status_code=204)
    return JSONResponse(PRODUCTS[number])


async def openapi(_request: Request) -> Response:
    return JSONResponse({"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {}})


async def crash(_request: Request) -> Response:
    raise ConnectionError("The warehouse does not answer.")


async def answer_http_error(_request, error):
    return problem(error.status_code, error.headers)


async def answer_any_error(_request, _error):
    return problem(500)


EVERY = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
api = Starlette(
    routes=[
        Route("/products", products, methods=EVERY),
        Route("/products/{number}", product, methods=["GET", "PUT", "DELETE"]),
        Route("/openapi.json", openapi),
        Route("/crash", crash),
    ],
    middleware=[Middleware(GZipMiddleware)],
    exception_handlers={HTTPException: answer_http_error, Exception: answer_any_error},
)


async def app(scope, receive, send):
    """Permit, refuse, or pass on; every response passes by here."""
    if scope["type"] != "http":
        return await api(scope, receive, send)
    request = Request(scope)
    origin = request.headers.get("origin")
    trusted = origin is not None and is_trusted(origin)
    own = {None, f"{request.url.scheme}://{request.headers.get('host')}"}
    wanted = request.headers.get("access-control-request-method")

    async def send_with_permission(message):
        if message["type"] == "http.response.start":
            headers = [(b"vary", b"Origin")]
            if trusted:
                headers += [
                    (b"access-control-allow-origin", origin.encode("latin-1")),
                    (b"access-control-allow-credentials", b"true"),
                    (b"access-control-expose-headers", b"x-total-count"),
                ]
            message = {**message, "headers": [*message.get("headers", []), *headers]}
        await send(message)

    if scope["method"] == "OPTIONS" and wanted is not None:
        names = request.headers.get("access-control-request-headers", "")
        asked = {name.strip().lower() for name in names.split(",")} - {""}
        headers = {}
        if trusted and wanted in METHODS and asked <= HEADERS:
            headers = {"Access-Control-Allow-Methods": wanted, "Access-Control-Max-Age": "3600"}
            if asked:
                headers["Access-Control-Allow-Headers"] = ", ".join(asked)
        response = Response(status_code=204, headers=headers)
        return await response(scope, receive, send_with_permission)
    if scope["method"] not in {"GET", "HEAD", "OPTIONS"} and not trusted and origin not in own:
        return await problem(403)(scope, receive, send_with_permission)
    return await api(scope, receive, send_with_permission)
