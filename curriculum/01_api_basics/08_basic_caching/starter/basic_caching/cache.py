"""The cache in Redis. Opening it is finished; looking up, storing and invalidating are yours to write."""

from typing import Annotated

from fastapi import Depends, Request
from redis.asyncio import Redis


def open_redis(url: str) -> Redis:
    """Return a client of Redis, which connects when it is used."""
    return Redis.from_url(url)


class Cache:
    """What is kept in Redis.

    Args:
        redis: stores it.
        seconds: for how long.
    """

    def __init__(self, redis: Redis, seconds: float) -> None:
        self.redis = redis
        self.seconds = seconds


def get_cache(request: Request) -> Cache:
    """Return the cache that the lifespan has opened."""
    cache: Cache = request.state.cache
    return cache


CacheDep = Annotated[Cache, Depends(get_cache)]
"""What an endpoint takes to use the cache: `cache: CacheDep`."""
