"""Counts the requests of each client: the rules that know no HTTP.

The connection to Redis is finished. Still missing: who a client is, and counting its requests.
"""

from limits.aio.storage import RedisStorage
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
