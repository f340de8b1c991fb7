"""The shop, with a log that the standard library writes: no structlog beyond what the handlers call."""

import logging
import os
import time
import uuid
from contextvars import ContextVar

import structlog
from fastapi import FastAPI

from shared.problems import install_problem_handlers

from . import routes
from .lines import CARD, Lines, is_card, parse_form, parse_json

LEVEL = os.environ.get("LOG_LEVEL", "INFO")
ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
current_id: ContextVar[str | None] = ContextVar("current_id", default=None)
log = logging.getLogger("shop.requests")


def add_id(record):
    """Give every record the id of its request; drop those that are less than the level, whoever made them."""
    record.request_id = current_id.get()
    return record.levelno >= logging.getLevelName(LEVEL)


def set_up():
    """Send everything to one handler."""
    handler = logging.StreamHandler(open(1, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    handler.addFilter(add_id)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVEL)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.access").handlers[:] = []
    logging.getLogger("uvicorn.access").propagate = False
    structlog.configure(
        processors=[lambda _logger, _method, event: ((event.pop("event"),), {"extra": {"fields": event}})],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def pick_id(headers):
    """Return the client's id, or another."""
    sent = dict(headers).get(b"x-request-id", b"").decode("latin-1")
    good = 1 <= len(sent) <= 64 and ALLOWED.issuperset(sent)
    return sent if good and not any(map(is_card, CARD.findall(sent))) else str(uuid.uuid4())


def content_of(scope, parts, size):
    """Return what is logged of a request at DEBUG only."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    parse = {"application/json": parse_json, "application/x-www-form-urlencoded": parse_form}.get(kind)
    body = parse(b"".join(parts)) if parse and size <= 2048 else None
    return {"headers": headers, "body_bytes": size, "body": body}


def logged(app):
    """Return an ASGI app around another, which logs."""

    async def call(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        request_id, begun = pick_id(scope["headers"]), time.monotonic_ns()
        current_id.set(request_id)
        parts, size, seen, failure = [], 0, {"status": 500, "state": "open"}, None

        async def read():
            nonlocal size
            message = await receive()
            if message["type"] == "http.disconnect":
                seen["state"] = "left" if seen["state"] == "open" else seen["state"]
            part = message.get("body", b"")
            size += len(part)
            if size <= 2048:
                parts.append(part)
            return message

        async def write(message):
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                headers = [*message["headers"], (b"x-request-id", request_id.encode())]
                message = {**message, "headers": headers}
            elif not message.get("more_body") and seen["state"] == "open":
                seen["state"] = "whole"
            await send(message)

        try:
            await app(scope, read, write)
        except Exception as error:
            failure = error
        left = seen["state"] == "left"
        status = 499 if left else seen["status"]
        level = logging.INFO if left or status < 400 else logging.WARNING if status < 500 else logging.ERROR
        if scope["path"] != "/health" or level > logging.INFO:
            fields = {
                "method": scope["method"],
                "path": scope["path"],
                "query": parse_form(scope["query_string"], strict=False),
                "status": status,
                "duration_ms": (time.monotonic_ns() - begun) // 1000 / 1000,
                "client": scope["client"][0],
            }
            if LEVEL == "DEBUG":
                fields |= content_of(scope, parts, size)
            log.log(level, "request", extra={"fields": fields}, exc_info=None if left else failure)
        if failure is not None and seen["state"] == "open":
            raise failure
        return None

    return call


set_up()
shop = FastAPI()
shop.include_router(routes.router)
install_problem_handlers(shop)
app = logged(shop)
