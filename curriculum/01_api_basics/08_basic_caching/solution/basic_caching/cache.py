"""The cache: response bodies in Redis, each for a limited time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .settings import settings

logger = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.45
"""Seconds to wait for Redis: a request waits for it at most twice."""

redis = Redis.from_url(
    settings.redis_url,
    socket_timeout=REDIS_TIMEOUT,
    socket_connect_timeout=REDIS_TIMEOUT,
    retry=Retry(NoBackoff(), retries=0),
)
"""A client that connects when it is used, and gives up early: without the cache, responses are slower but right."""


@dataclass(frozen=True)
class Found:
    """A response body, and how it was found.

    Attributes:
        body: JSON.
        seconds: how long it stays in the cache.
        status: the parameters of `Cache-Status` (RFC 9211).
    """

    body: bytes
    seconds: float
    status: str


class Cache:
    """Response bodies in Redis, each for `CACHE_SECONDS`."""

    def __init__(self) -> None:
        self.searches: dict[str, asyncio.Task[Found]] = {}  # those that have not ended
        self.clear()

    def clear(self) -> None:
        """Never find again what is stored now, nor what a query that is running now will store.

        Every key begins with the generation. A random one was not used before a restart either.
        """
        self.generation = uuid4().hex

    async def get(self, name: str, query: Callable[[], Awaitable[bytes]]) -> Found:
        """Return what is stored under this name, or else run the query and store its result.

        Requests for a name that arrive during a search for it wait for its result.
        """
        key = f"{self.generation}:{name}"
        if key in self.searches:
            found = await self.searches[key]
            return replace(found, status="hit" if found.status == "hit" else "fwd=miss; collapsed")
        self.searches[key] = asyncio.create_task(self.search(key, query))
        try:
            return await self.searches[key]
        finally:
            del self.searches[key]

    async def search(self, key: str, query: Callable[[], Awaitable[bytes]]) -> Found:
        """Look into Redis; if nothing is there, run the query. What it raises is not stored."""
        try:
            both = redis.pipeline(transaction=False)  # in one round trip
            both.pttl(key)  # the time first: if the key expires in between, there is no body
            both.get(key)
            milliseconds, body = await both.execute()
        except RedisError as error:
            logger.warning("Redis cannot be read: %s", error)
            return Found(await query(), settings.cache_seconds, "fwd=miss")
        if body is not None:
            return Found(body, milliseconds / 1000, "hit")
        body = await query()
        try:
            await redis.set(key, body, px=timedelta(seconds=settings.cache_seconds))
        except RedisError as error:
            logger.warning("Redis cannot be written: %s", error)
        return Found(body, settings.cache_seconds, "fwd=miss")


cache = Cache()
