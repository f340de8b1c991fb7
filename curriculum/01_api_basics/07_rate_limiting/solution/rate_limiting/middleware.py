"""The limit on the requests of each client."""

import logging

from fastapi import Request, Response, status
from limits.errors import StorageError
from starlette.middleware.base import RequestResponseEndpoint

from shared.problems import problem

from .service import count_request, name_client
from .settings import settings

POLICY = f'"default";q={settings.rate_limit};w={settings.rate_window_seconds}'

logger = logging.getLogger(__name__)


async def limit_rate(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Count a request and let the app answer it, or answer 429; say in the headers what is left."""
    if request.url.path == "/health":
        return await call_next(request)
    address = request.client.host if request.client is not None else "unknown"
    try:
        quota = await count_request(name_client(request.headers.get("X-API-Key"), address))
    except StorageError as error:
        logger.error("A request is not limited, since Redis cannot be reached: %s", error)
        return await call_next(request)
    if quota.is_exceeded:
        response: Response = problem(
            status.HTTP_429_TOO_MANY_REQUESTS,
            "You have sent too many requests. Wait as long as `Retry-After` says.",
            {"Retry-After": str(quota.reset_seconds)},
        )
    else:
        response = await call_next(request)
    response.headers["RateLimit-Policy"] = POLICY
    response.headers["RateLimit"] = f'"default";r={quota.remaining};t={quota.reset_seconds}'
    return response
