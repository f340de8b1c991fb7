"""Measures each request."""

import time
from contextlib import ExitStack
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .metrics import IN_PROGRESS, record_request

UNMEASURED = {"/health", "/metrics"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


class MetricsMiddleware:
    """Measures each request until its response is sent: a background task that follows is no part of it.

    It is written for ASGI itself, which costs less than FastAPI's `@app.middleware("http")`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app handle a request, and record it when the response is sent or the app has failed."""
        if scope["type"] != "http" or scope["path"] in UNMEASURED:
            await self.app(scope, receive, send)
            return
        started, cpu_started = time.perf_counter(), time.process_time()
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)  # what is answered if the app raises an exception

        def record() -> None:
            route = scope.get("route")  # the app leaves it here when it has found one
            record_request(
                scope["method"] if scope["method"] in METHODS else "other",
                route.path if route is not None else "unmatched",
                status,
                time.perf_counter() - started,
                time.process_time() - cpu_started,
            )

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                measured.close()

        with ExitStack() as measured:  # what it calls at its end, it calls once
            measured.enter_context(IN_PROGRESS.track_inprogress())
            measured.callback(record)
            await self.app(scope, receive, send_and_see)
