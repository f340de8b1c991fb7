"""The shop on bare requests and responses, in the event loop only: each stored list says of which version it is."""

import asyncio
import json
import os
import time
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4
from zlib import crc32

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CACHE_SECONDS = float(os.environ.get("CACHE_SECONDS", "60"))
SLOW_QUERY_SECONDS = float(os.environ.get("SLOW_QUERY_SECONDS", "1"))
START = uuid4().hex

redis = Redis.from_url(os.environ.get("REDIS_URL", "redis://localhost:6379/0"))
products: dict[int, dict[str, Any]] = {}
product_ids = count(1)
versions = count(1)
state = {"version": f"{START}.0"}
running: dict[tuple[str, str], asyncio.Future[dict[str, Any] | None]] = {}


def answer(content: Any, status: int = 200, **headers: str) -> Response:
    """Answer in JSON."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(content), status, names, "application/json")


async def refuse(_request: Request, error: Exception) -> Response:
    """Answer with problem details."""
    assert isinstance(error, HTTPException)
    body = {"type": "about:blank", "title": "Refused", "status": error.status_code, "detail": "No."}
    headers = {"Cache-Control": "no-store", **(error.headers or {})}
    return Response(json.dumps(body), error.status_code, headers, "application/problem+json")


def is_text(value: Any) -> bool:
    """Tell whether a value is a string of 1 to 80 characters that says something."""
    if not isinstance(value, str) or not value.strip() or len(value) > 80:
        return False
    return not any(0xD800 <= ord(character) < 0xE000 for character in value)


def is_price(value: Any) -> bool:
    """Tell whether a value is a number of at most two decimals."""
    if type(value) not in {int, Decimal}:
        return False
    return Decimal("0.01") <= value <= 10**6 and value == round(value, 2)


CHECKS = {
    "name": is_text,
    "category": is_text,
    "price": is_price,
    "stock": lambda value: type(value) is int and 0 <= value <= 10**6,
}


def no_number(_name: str) -> Any:
    """Refuse NaN and its kin."""
    raise ValueError("no number")


async def read_payload(request: Request) -> dict[str, Any]:
    """Give the known fields of a payload, all of them valid."""
    try:
        payload = json.loads(await request.body(), parse_float=Decimal, parse_constant=no_number)
        sent = {name: value for name, value in payload.items() if name in CHECKS}
    except (ValueError, AttributeError) as error:
        raise HTTPException(422) from error
    if not all(CHECKS[name](value) for name, value in sent.items()):
        raise HTTPException(422)
    return {name: float(value) if name == "price" else value for name, value in sent.items()}


async def read_whole(request: Request) -> dict[str, Any]:
    """Give all fields of a product."""
    sent = await read_payload(request)
    if not {"name", "category", "price"} <= sent.keys():
        raise HTTPException(422)
    return {"stock": 0, **sent}


def number_of(request: Request) -> int:
    """Give the id in the path, if a product has it."""
    try:
        number = int(request.path_params["number"])
    except ValueError as error:
        raise HTTPException(422) from error
    if number not in products:
        raise HTTPException(404)
    return number


def changed() -> None:
    """Begin another version."""
    state["version"] = f"{START}.{next(versions)}"


async def post_product(request: Request) -> Response:
    sent = await read_whole(request)
    number = next(product_ids)
    products[number] = {"id": number, **sent}
    changed()
    return answer(products[number], 201)


async def put_product(request: Request) -> Response:
    sent = await read_whole(request)
    number = number_of(request)
    products[number] = {"id": number, **sent}
    changed()
    return answer(products[number])


async def patch_product(request: Request) -> Response:
    sent = await read_payload(request)
    number = number_of(request)
    products[number] = {**products[number], **sent}
    changed()
    return answer(products[number])


async def delete_product(request: Request) -> Response:
    del products[number_of(request)]
    changed()
    return Response(status_code=204)


async def query(category: str | None, sort: str) -> list[dict[str, Any]]:
    """Find products slowly."""
    print("Slow query", flush=True)
    found = [product for product in products.values() if category is None or product["category"] == category]
    await asyncio.sleep(SLOW_QUERY_SECONDS)
    return sorted(found, key=lambda product: (product[sort], product["id"]))


async def load(key: str) -> dict[str, Any] | None:
    """Read what is stored, if there is a Redis that answers soon."""
    try:
        stored = await asyncio.wait_for(redis.get(key), 0.45)
    except (RedisError, TimeoutError):
        return None
    return None if stored is None else json.loads(stored)


async def search(version: str, category: str | None, sort: str) -> dict[str, Any] | None:
    """Give a list with its time and its status; nothing if the category has no product."""
    key = json.dumps([sort, category])
    stored = await load(key)
    if stored is not None and stored["version"] == version and stored["until"] > time.time():
        return {**stored, "status": "hit"}
    found = await query(category, sort)
    if category is not None and not found:
        return None
    fresh = {"version": version, "until": time.time() + CACHE_SECONDS, "body": json.dumps(found)}
    if state["version"] == version:  # or a newer list would be lost
        try:
            milliseconds = int(CACHE_SECONDS * 1000)
            await asyncio.wait_for(redis.set(key, json.dumps(fresh), px=milliseconds), 0.45)
        except (RedisError, TimeoutError):
            pass
    return {**fresh, "status": "fwd=miss; stored"}


async def list_products(request: Request) -> Response:
    category, sort = request.query_params.get("category"), request.query_params.get("sort", "id")
    if sort not in {"id", "price"} or (category is not None and not is_text(category)):
        raise HTTPException(422)
    version = state["version"]
    key = version, json.dumps([sort, category])
    joined = key in running
    if not joined:
        running[key] = asyncio.ensure_future(search(version, category, sort))
        running[key].add_done_callback(lambda _: running.pop(key))
    found = await asyncio.shield(running[key])
    if found is None:
        raise HTTPException(404)
    etag = f'"{version}-{crc32(key[1].encode()):x}"'
    status = "fwd=miss; collapsed" if joined and found["status"] != "hit" else found["status"]
    headers = {
        "ETag": etag,
        "Cache-Control": f"max-age={max(int(found['until'] - time.time()), 0)}, public",
        "Cache-Status": f"shop;{status.replace(' ', '')}",
    }
    wanted = request.headers.get("if-none-match", "")
    if wanted == "*" or etag in [tag.strip().removeprefix("W/") for tag in wanted.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(found["body"], headers=headers, media_type="application/json")


async def read_account(request: Request) -> Response:
    user = request.headers.get("x-user", "")
    if not user:
        raise HTTPException(422)
    return answer({"user": user}, Cache_Control="no-store, private")


app = Starlette(
    routes=[
        Route("/products", list_products, methods=["GET"]),
        Route("/products", post_product, methods=["POST"]),
        Route("/products/{number}", put_product, methods=["PUT"]),
        Route("/products/{number}", patch_product, methods=["PATCH"]),
        Route("/products/{number}", delete_product, methods=["DELETE"]),
        Route("/account", read_account),
    ],
    exception_handlers={HTTPException: refuse},
)
