"""The cache in Redis. The client has the default timeouts; looking up, storing and invalidating are yours to write."""

from redis.asyncio import Redis

from .settings import settings

redis = Redis.from_url(settings.redis_url)
"""A client that connects when it is used; `await redis.get(…)` and `await redis.set(…)` are its simplest commands."""
