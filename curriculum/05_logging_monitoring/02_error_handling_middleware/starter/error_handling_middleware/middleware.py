"""ASGI middleware: whatever goes wrong in a request ends here, is logged, and becomes a response.

This is yours to write: so far, it passes all requests on. `logs.log` writes a line, and `negotiation.quality` reads
`Accept`.
"""

from starlette.types import ASGIApp, Receive, Scope, Send


class ErrorMiddleware:
    """ASGI middleware: answer and log each error, and end a request that takes too long.

    Args:
        app: the app whose errors these are.
        seconds: how long a response may take to begin.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        await self.app(scope, receive, send)
