"""One line in the log for each request, when it ends."""

import logging
import re
from time import perf_counter
from uuid import uuid4

import structlog
from fastapi import status
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
USER = "X-User"  # set by the gateway, which knows who asks
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

logger = structlog.get_logger()


class RequestLog:
    """ASGI middleware: give each request an id, and log it when it ends.

    Args:
        app: what answers the requests.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its id and its user around all that is logged on the way."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        headers = Headers(scope=scope)
        sent_id = headers.get(REQUEST_ID, "")
        request_id = sent_id if SANE_ID.fullmatch(sent_id) else uuid4().hex
        code = status.HTTP_500_INTERNAL_SERVER_ERROR
        is_complete = False

        async def send_and_note(message: Message) -> None:
            nonlocal code, is_complete
            if message["type"] == "http.response.start":
                code = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            else:
                is_complete = not message.get("more_body", False)
            await send(message)

        failure: Exception | None = None
        with structlog.contextvars.bound_contextvars(request_id=request_id, user=headers.get(USER)):
            try:
                await self.app(scope, receive, send_and_note)
            except Exception as error:
                failure = error
                if not is_complete:
                    raise  # uvicorn cuts the connection
            finally:
                logger.log(
                    level_of(code),
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=code,
                    duration_ms=round((perf_counter() - started) * 1000, 3),
                    exc_info=failure,
                )


def level_of(code: int) -> int:
    """Return the level at which a request with this status is logged."""
    if code >= status.HTTP_500_INTERNAL_SERVER_ERROR:
        return logging.ERROR
    return logging.WARNING if code >= status.HTTP_400_BAD_REQUEST else logging.INFO
