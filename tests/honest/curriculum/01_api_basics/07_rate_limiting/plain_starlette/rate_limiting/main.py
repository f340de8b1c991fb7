"""The API of the products on Starlette alone; a sorted set for each client, and Redis's own clock."""

import hmac
import json
import logging
import math
import os
import re
import uuid
from decimal import Decimal
from itertools import count
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LIMIT = int(os.environ.get("RATE_LIMIT", "100"))
WINDOW = int(os.environ.get("RATE_WINDOW_SECONDS", "3600"))
KEYS = [key for key in os.environ.get("API_KEYS", "").split(",") if key]
URL = os.environ.get("REDIS_URL", "redis://localhost:6379")
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local window = ARGV[2] * 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
local admitted = used < tonumber(ARGV[1])
if admitted then
    redis.call('ZADD', KEYS[1], now, ARGV[3])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    used = used + 1
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
return {admitted and 1 or 0, tonumber(ARGV[1]) - used, oldest + window - now}
"""
log = logging.getLogger("uvicorn.error")

products: dict[int, dict[str, Any]] = {}
ids = count(1)


def problem(status: int, detail: str, headers: Any = None) -> Response:
    """Answer with problem details."""
    body = {"type": "about:blank", "title": "Sorry", "status": status, "detail": detail}
    return Response(json.dumps(body), status, headers, "application/problem+json")


def found(content: Any, status: int = 200) -> Response:
    """Answer in JSON."""
    return Response(json.dumps(content), status, None, "application/json")


class Limiter:
    """Middleware: asks Redis before it lets a request through."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.redis = Redis(connection_pool=BlockingConnectionPool.from_url(URL))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == "/health":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-api-key", "").encode()
        known = [place for place, key in enumerate(KEYS) if hmac.compare_digest(key.encode(), sent)]
        name = uuid.uuid5(uuid.NAMESPACE_OID, KEYS[known[0]]).hex if known else scope["client"][0]
        kind = "k" if known else "a"
        try:
            admitted, left, wait = await self.redis.eval(
                SCRIPT, 1, f"rate:{kind}:{name}", LIMIT, WINDOW, uuid.uuid4().hex
            )
        except RedisError:
            log.warning("No Redis, no limit.")
            await self.app(scope, receive, send)
            return
        seconds = math.ceil(wait / 1_000_000)

        async def send_more(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("ratelimit-policy", f'"default";q={LIMIT};w={WINDOW}')
                headers.append("ratelimit", f'"default";r={left};t={seconds}')
            await send(message)

        refusal = problem(429, "Slowly, please.", {"retry-after": str(seconds)})
        await (self.app if admitted else refusal)(scope, receive, send_more)


def is_text(value: Any, most: float = math.inf) -> bool:
    """Tell whether a value is a string that says something, and not too much."""
    return isinstance(value, str) and value.strip() != "" and len(value) <= most


def is_price(value: Any) -> bool:
    """Tell whether a value is a number of whole cents."""
    return type(value) in {int, Decimal} and Decimal("0.01") <= value <= 10**6 and round(value, 2) == value


async def create_product(request: Request) -> Response:
    """Create a product."""
    try:
        payload = json.loads(await request.body(), parse_float=Decimal)
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        return problem(422, "Not an object.")
    name, description, price = payload.get("name"), payload.get("description"), payload.get("price")
    stock = payload.get("stock", 0)
    if not (
        is_text(name, 80)
        and (description is None or is_text(description))
        and is_price(price)
        and (type(stock) is int and 0 <= stock <= 10**6)
    ):
        return problem(422, "Not a product.")
    number = next(ids)
    product = {
        "id": number,
        "name": name,
        "description": description,
        "price": float(price),  # type: ignore[arg-type]
        "stock": stock,
    }
    products[number] = product
    return found(product, 201)


async def list_products(_request: Request) -> Response:
    """List all products."""
    return found([products[number] for number in sorted(products)])


async def read_product(request: Request) -> Response:
    """Read one product."""
    text = request.path_params["product_id"]
    if not re.fullmatch("-?[0-9]+", text):
        return problem(422, "Not an id.")
    if int(text) not in products:
        return problem(404, "No such product.")
    return found(products[int(text)])


async def read_health(_request: Request) -> Response:
    """Say that all is well."""
    return found({"status": "ok"})


async def refuse(_request: Request, error: Exception) -> Response:
    """Answer what the router refuses."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, error.headers)


app = Starlette(
    routes=[
        Route("/health", read_health),
        Route("/products", create_product, methods=["POST"]),
        Route("/products", list_products),
        Route("/products/{product_id}", read_product),
    ],
    middleware=[Middleware(Limiter)],
    exception_handlers={HTTPException: refuse},
)
