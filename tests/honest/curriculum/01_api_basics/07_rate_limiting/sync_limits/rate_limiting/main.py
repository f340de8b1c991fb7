"""The API of the products on FastAPI; the limiter is the blocking one, in a class, and wraps the whole app."""

import hashlib
import os
import sys
import time
from itertools import count
from typing import Annotated, Any

from fastapi import Body, FastAPI
from limits import parse
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, Field, field_validator
from redis.exceptions import RedisError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request

from shared.problems import install_problem_handlers, problem


class NewProduct(BaseModel):
    """What a client sends."""

    name: Annotated[str, Field(max_length=80, pattern=r"\S")]
    description: Annotated[str, Field(pattern=r"\S")] | None = None
    price: Annotated[float, Field(strict=True, ge=0.01, le=1e6)]
    stock: Annotated[int, Field(strict=True, ge=0, le=10**6)] = 0

    @field_validator("price")
    @classmethod
    def whole_cents(cls, price: float) -> float:
        """Refuse parts of a cent."""
        if round(price, 2) != price:
            raise ValueError("not whole cents")
        return price


class Gatekeeper(BaseHTTPMiddleware):
    """Counts the clients' requests."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.quota, self.window = (
            os.environ.get(name, default)
            for name, default in (("RATE_LIMIT", "100"), ("RATE_WINDOW_SECONDS", "3600"))
        )
        url = os.environ.get("REDIS_URL", "redis://localhost:6379")
        self.rate = parse(f"{self.quota} per {self.window} seconds")
        self.limiter = MovingWindowRateLimiter(RedisStorage(url.replace("unix:", "redis+unix:", 1)))
        self.clients = {
            key: hashlib.blake2b(key.encode()).hexdigest()
            for key in os.environ.get("API_KEYS", "").split(",")
            if key
        }

    def count(self, client: str) -> tuple[bool, dict[str, str], str]:
        """Count a request, and say whether it is allowed, the headers, and how long to wait."""
        allowed = self.limiter.hit(self.rate, "shop", client)
        stats = self.limiter.get_window_stats(self.rate, "shop", client)
        wait = str(-int((time.time() - stats.reset_time) // 1))
        return (
            allowed,
            {
                "RateLimit-Policy": f'"default";q={self.quota};w={self.window}',
                "RateLimit": f'"default";r={stats.remaining};t={wait}',
            },
            wait,
        )

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        """Serve one request."""
        if request.scope["path"] == "/health":
            return await call_next(request)
        assert request.client is not None
        client = self.clients.get(request.headers.get("x-api-key", ""), f"from-{request.client.host}")
        try:
            allowed, headers, wait = await run_in_threadpool(self.count, client)
        except RedisError as error:
            print("redis:", error, file=sys.stderr, flush=True)
            return await call_next(request)
        if not allowed:
            return problem(429, "Too many.", {"Retry-After": wait, **headers})
        response = await call_next(request)
        response.headers.update(headers)
        return response


app = FastAPI(title="Shop")
app.add_middleware(Gatekeeper)
install_problem_handlers(app)
shelf: dict[int, dict[str, Any]] = {}
numbers = count(1)


@app.get("/health")
async def health() -> dict[str, str]:
    """Say that all is well."""
    return {"status": "ok"}


@app.get("/products")
async def every_product() -> list[Any]:
    """List all products."""
    return list(shelf.values())


@app.post("/products", status_code=201)
async def new_product(product: Annotated[NewProduct, Body()]) -> dict[str, Any]:
    """Put a product on the shelf."""
    number = next(numbers)
    shelf[number] = {"id": number, **product.model_dump()}
    return shelf[number]


@app.get("/products/{number}")
async def one_product(number: int) -> dict[str, Any]:
    """Read one product."""
    if number not in shelf:
        raise HTTPException(404, "It is not on the shelf.")
    return shelf[number]
