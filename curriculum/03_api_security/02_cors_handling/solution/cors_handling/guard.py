"""The refusal of writes that a page of an untrusted origin sends.

CORS does not prevent them: a browser that gets no permission hides the *response*, and for a form or a request of
`text/plain` it does not even ask before it sends (Fetch standard, "CORS protocol").
"""

from fastapi import status
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.problems import problem

from .origins import TrustedOrigins

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class WriteGuard:
    """ASGI middleware: answer 403 to writes of other origins, before anything else looks at them.

    Args:
        app: the app that it protects.
        trusted: the origins that may write, besides the app's own.
    """

    def __init__(self, app: ASGIApp, trusted: TrustedOrigins) -> None:
        self.app = app
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self.may_write(scope):
            await self.app(scope, receive, send)
        else:
            refusal = problem(status.HTTP_403_FORBIDDEN, "Pages of this origin may not change anything.")
            await refusal(scope, receive, send)

    def may_write(self, scope: Scope) -> bool:
        """Return whether a request has no origin, the app's own, or a trusted one.

        Browsers name the origin with each request that is neither GET nor HEAD; a page can at most make it `null`
        (Fetch standard, "append a request `Origin` header"). So what has none was not sent by a page.
        """
        headers = Headers(scope=scope)
        origin = headers.get("Origin")
        own = f"{scope['scheme']}://{headers.get('Host')}"
        return origin is None or origin == own or self.trusted.include(origin)
