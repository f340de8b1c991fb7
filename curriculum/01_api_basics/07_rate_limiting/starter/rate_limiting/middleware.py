"""The limit on the requests of each client, which is yours to write: this middleware lets every request pass."""

from fastapi import Request, Response
from starlette.middleware.base import RequestResponseEndpoint


async def limit_rate(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Let the app answer a request."""
    return await call_next(request)
