"""Counts the requests of each client: the rules that know no HTTP."""

import math
import time
from dataclasses import dataclass
from hashlib import sha256

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from .settings import settings

# All requests share 50 connections to Redis, and wait for them in turn. A plain `ConnectionPool` has 100, and raises
# an error for who comes then.
# A connection that Redis has closed meanwhile, as at its restart, is replaced at once.
pool = BlockingConnectionPool.from_url(settings.redis_url, retry=Retry(NoBackoff(), 1))
storage = RedisStorage(
    "async+redis://",
    wrap_exceptions=True,  # whatever goes wrong is a `StorageError`
    implementation="redispy",
    connection_pool=pool,  # type: ignore[arg-type] # `limits` documents it, but its types leave it out
)

limiter = MovingWindowRateLimiter(storage)
limit = RateLimitItemPerSecond(settings.rate_limit, settings.rate_window_seconds)


@dataclass(frozen=True)
class Quota:
    """What a client has left after a request."""

    is_exceeded: bool
    remaining: int
    reset_seconds: int
    """Seconds until the oldest counted request leaves the window, rounded up."""


def name_client(api_key: str | None, address: str) -> str:
    """Return the name under which a client is counted, without the key itself."""
    if api_key in settings.api_keys:
        return f"key {sha256(api_key.encode()).hexdigest()}"
    return f"address {address}"


async def count_request(client: str) -> Quota:
    """Count a request, unless it would be one too many.

    Raises:
        StorageError: Redis cannot be reached.
    """
    is_counted = await limiter.hit(limit, client)  # looks and counts in one step
    reset_time, remaining = await limiter.get_window_stats(limit, client)
    return Quota(not is_counted, remaining, math.ceil(reset_time - time.time()))
