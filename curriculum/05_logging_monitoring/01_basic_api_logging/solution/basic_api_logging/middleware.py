"""One line in the log for each request, when it ends."""

import json
import re
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .redaction import redact_text

REQUEST_ID = "X-Request-ID"
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
FORM_NAME = re.compile(r"[\w.\[\]-]+")
MAX_BODY_SIZE = 2048
CLIENT_CLOSED_REQUEST = 499

logger = structlog.get_logger()


def choose_request_id(sent: str) -> str:
    """Return the id that a client has sent, or a new one if that is none, or not fit for a log."""
    return sent if SANE_ID.fullmatch(sent) and redact_text(sent) == sent else str(uuid4())


def parse_body(body: bytes, content_type: str) -> object:
    """Return a body in parts whose keys are known; `None` if that cannot be, for then nothing can be redacted."""
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        if media_type == "application/json":
            return json.loads(body)
        if media_type == "application/x-www-form-urlencoded":
            form = parse_qs(body.decode(), keep_blank_values=True)
            return form if all(map(FORM_NAME.fullmatch, form)) else None
    except (ValueError, RecursionError):
        return None
    return None


@dataclass
class Exchange:
    """What is known of a request and its response until now.

    Args:
        scope: the request's.
        with_content: whether the body is kept.
    """

    scope: Scope
    with_content: bool
    started: float = field(default_factory=perf_counter)
    status: int = 500
    is_complete: bool = False
    is_abandoned: bool = False
    error: Exception | None = None
    body: bytes = b""
    body_bytes: int = 0

    def note_received(self, message: Message) -> None:
        """Keep what the app has received, but no more of it than may be logged."""
        if message["type"] == "http.disconnect":
            self.is_abandoned = not self.is_complete
        elif self.with_content:
            part = message.get("body", b"")
            self.body_bytes += len(part)
            self.body += part[: MAX_BODY_SIZE - len(self.body)]

    def note_sent(self, message: Message) -> None:
        """Keep what the response begins with, and whether it has ended."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif not message.get("more_body", False):
            self.is_complete = True

    def log(self) -> None:
        """Log the line, unless it is about a monitor that found everything right."""
        if self.is_abandoned:
            self.status, self.error = CLIENT_CLOSED_REQUEST, None
        if self.error is not None or self.status >= 500:
            logger.error("request", **self.describe(), exc_info=self.error)
        elif self.status >= 400 and not self.is_abandoned:
            logger.warning("request", **self.describe())
        elif self.scope["path"] != "/health":
            logger.info("request", **self.describe())

    def describe(self) -> dict[str, Any]:
        """Return the fields of the line."""
        client = self.scope["client"]
        fields = {
            "method": self.scope["method"],
            "path": self.scope["path"],
            "query": parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True),
            "status": self.status,
            "duration_ms": round((perf_counter() - self.started) * 1000, 3),
            "client": client and client[0],
        }
        if not self.with_content:
            return fields
        headers = Headers(scope=self.scope)
        is_whole = self.body_bytes <= MAX_BODY_SIZE
        body = parse_body(self.body, headers.get("Content-Type", "")) if is_whole else None
        return {**fields, "headers": dict(headers), "body_bytes": self.body_bytes, "body": body}


class RequestLog:
    """ASGI middleware: give each request an id, and log it when it ends.

    Args:
        app: what answers the requests.
        with_content: whether headers and bodies are logged, too.
    """

    def __init__(self, app: ASGIApp, *, with_content: bool) -> None:
        self.app = app
        self.with_content = with_content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with everything that is received and sent on the way, and log it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = choose_request_id(Headers(scope=scope).get(REQUEST_ID, ""))
        exchange = Exchange(scope, self.with_content)

        async def receive_and_note() -> Message:
            message = await receive()
            exchange.note_received(message)
            return message

        async def send_and_note(message: Message) -> None:
            exchange.note_sent(message)
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive_and_note, send_and_note)
            except Exception as error:
                exchange.error = error
                if not exchange.is_complete and not exchange.is_abandoned:
                    raise  # uvicorn cuts the connection, so that the client does not take this for a whole response
            finally:
                exchange.log()
