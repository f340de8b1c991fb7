"""The shop with threads: Redis counts the generations, and what it missed during an outage is made up for."""

import json
import logging
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from threading import Lock
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Query, Response
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.problems import install_problem_handlers

from .models import Product, ProductCreate, ProductQuery, ProductUpdate

log = logging.getLogger("shop")
logging.basicConfig(level=logging.INFO)
lifetime = float(os.getenv("CACHE_SECONDS", "60"))
pause = float(os.getenv("SLOW_QUERY_SECONDS", "1"))
redis = Redis.from_url(
    os.getenv("REDIS_URL", "redis://localhost"),
    socket_timeout=0.4,
    socket_connect_timeout=0.4,
    retry=Retry(NoBackoff(), 0),
    decode_responses=True,
)
app = FastAPI(title="Shop")
install_problem_handlers(app)

shelf: list[Product] = []
last_id = 0
writing = Lock()
searching: defaultdict[str, Lock] = defaultdict(Lock)


class Generations:
    """Counts in Redis; whether it holds an outdated number is known here."""

    def __init__(self) -> None:
        self.outdated = True  # what Redis holds is from before this start

    def advance(self) -> None:
        """Begin another generation."""
        self.outdated = True
        redis.incr("generation")
        self.outdated = False

    def current(self) -> str:
        """Give the current generation."""
        if self.outdated:
            self.advance()
        return redis.get("generation") or self.restore()

    def restore(self) -> str:
        """Begin with a number that nobody has used, after somebody has emptied Redis."""
        redis.set("generation", time.time_ns(), nx=True)
        return redis.get("generation") or ""


generations = Generations()


@contextmanager
def changing() -> Iterator[None]:
    """Change the shelf alone, then let all lists be outdated."""
    with writing:
        yield
    with suppress(RedisError):
        generations.advance()


def place_of(number: int) -> int:
    """Find a product on the shelf."""
    for place, product in enumerate(shelf):
        if product.id == number:
            return place
    raise HTTPException(404, "Unknown")


@app.post("/products", status_code=201)
def add(new: ProductCreate) -> Product:
    global last_id  # noqa: PLW0603
    with changing():
        last_id += 1
        shelf.append(Product(id=last_id, **new.model_dump()))
        return shelf[-1]


@app.put("/products/{number}")
def replace(number: int, new: ProductCreate) -> Product:
    with changing():
        place = place_of(number)
        shelf[place] = Product(id=number, **new.model_dump())
        return shelf[place]


@app.patch("/products/{number}")
def change(number: int, new: ProductUpdate) -> Product:
    with changing():
        place = place_of(number)
        shelf[place] = shelf[place].model_copy(update=new.model_dump())
        return shelf[place]


@app.delete("/products/{number}", status_code=204)
def remove(number: int) -> None:
    with changing():
        del shelf[place_of(number)]


def query(wanted: ProductQuery) -> str:
    """Find products, slowly."""
    log.info("Slow query")
    found = [product for product in list(shelf) if wanted.category in {None, product.category}]
    time.sleep(pause)
    if wanted.category and not found:
        raise HTTPException(404, "None", {"Cache-Control": "no-store"})
    found.sort(key=lambda product: (product.price if wanted.sort == "price" else product.id, product.id))
    return json.dumps([product.model_dump(mode="json") for product in found])


def look_up(key: str) -> tuple[str, float] | None:
    """Read a list and how long it stays."""
    milliseconds, text = redis.pttl(key), redis.get(key)
    return (text, milliseconds / 1000) if text is not None and milliseconds > 0 else None


def search(wanted: ProductQuery) -> tuple[str, float, str]:
    """Give a list, how long it stays, and where it is from."""
    try:
        key = f"list {generations.current()} {wanted.sort} {wanted.category!r}"
        if found := look_up(key):
            return *found, "hit"
        with searching[key]:  # one for each list: the others look again when it is done
            if found := look_up(key):
                return *found, "hit"
            text = query(wanted)
            with suppress(RedisError):
                redis.set(key, text, px=int(lifetime * 1000))
            return text, lifetime, "fwd=miss"
    except RedisError as error:
        log.warning("No cache: %s", error)
        return query(wanted), lifetime, "fwd=miss"


@app.get("/products")
def show(
    wanted: Annotated[ProductQuery, Query()], if_none_match: Annotated[str | None, Header()] = None
) -> Any:
    text, seconds, origin = search(wanted)
    tag = f'"{blake2b(text.encode(), digest_size=8).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={int(seconds)}, must-revalidate",
        "Cache-Status": f"shop; {origin}; key=list",
    }
    sent = {part.strip().removeprefix("W/") for part in (if_none_match or "").split(",")}
    if sent & {tag, "*"}:
        return Response(None, 304, headers)
    return Response(text, 200, headers, "application/json")


@app.get("/account")
def account(x_user: Annotated[str, Header()], response: Response) -> dict[str, str]:
    response.headers["cache-control"] = "no-store,private"
    return {"user": x_user}
