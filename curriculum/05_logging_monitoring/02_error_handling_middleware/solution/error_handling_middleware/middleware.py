"""ASGI middleware: whatever goes wrong in a request ends here, is logged, and becomes a response."""

import asyncio
from traceback import format_exception
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.problems import MEDIA_TYPE, problem

from .faults import TOO_SLOW, Fault, fault_of
from .logs import log
from .negotiation import quality
from .pages import make_page


class ErrorMiddleware:
    """ASGI middleware: answer and log each error, and end a request that takes too long.

    It has to be around everything else, or it misses the errors of other middleware.

    Args:
        app: the app whose errors these are.
        seconds: how long a response may take to begin.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status: int | None = None
        is_complete = False

        async def note_and_send(message: Message) -> None:
            nonlocal status, is_complete
            if message["type"] == "http.response.start":
                status = message["status"]
                limit.reschedule(None)  # a download, or what follows the response, may take longer
            else:
                is_complete = not message.get("more_body", False)
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as limit:
                await self.app(scope, receive, note_and_send)
        except Exception as error:
            if has_gone(error):
                return
            fault = TOO_SLOW if limit.expired() else fault_of(error)
            error_id = str(uuid4())
            log_error(error, error_id, fault.severity, status or fault.status, scope)
            if status is None:
                await make_response(fault, error_id, scope)(scope, receive, send)
            elif not is_complete:
                raise  # the server cuts the connection, so that nobody takes half a response for a whole one


def has_gone(error: Exception) -> bool:
    """Return whether an error says only that the client has gone; FastAPI wraps that in one of its own."""
    return isinstance(error, ClientDisconnect) or isinstance(error.__cause__, ClientDisconnect)


def log_error(error: Exception, error_id: str, severity: int, status: int, scope: Scope) -> None:
    """Log what is needed to find the cause of an error."""
    log.log(
        severity,
        "request failed",
        error_id=error_id,
        status=status,
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        type=type(error).__name__,
        traceback="".join(format_exception(error)),
    )


def make_response(fault: Fault, error_id: str, scope: Scope) -> Response:
    """Make a page for who prefers HTML, and problem details for all others."""
    accept = ",".join(Headers(scope=scope).getlist("Accept")) or "*/*"
    headers = {**fault.headers, "Vary": "Accept"}
    if quality(accept, "text/html") > max(quality(accept, MEDIA_TYPE), quality(accept, "application/json")):
        page = make_page(fault.status, fault.detail, error_id, scope["path"])
        return HTMLResponse(page, fault.status, headers)
    return problem(fault.status, fault.detail, headers, error_id=error_id, **fault.members)


async def pass_on(_request: Request, error: Exception) -> Response:
    """Leave to the middleware what FastAPI would answer itself."""
    raise error


def install_error_middleware(app: FastAPI, seconds: float) -> None:
    """Let one middleware answer all errors of an app.

    Args:
        app: the app, with all other middleware.
        seconds: how long a response may take to begin.
    """
    app.add_exception_handler(HTTPException, pass_on)
    app.add_exception_handler(RequestValidationError, pass_on)
    app.add_middleware(ErrorMiddleware, seconds=seconds)
