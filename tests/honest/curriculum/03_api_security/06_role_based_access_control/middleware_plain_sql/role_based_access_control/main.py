"""One file: the statements, a middleware that reads each endpoint's mark, and a function for each operation."""

import logging
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from hashlib import blake2b
from http.client import responses
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import AfterValidator, BaseModel, EmailStr, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from . import reports

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    hash TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'moderator', 'admin'))
);
CREATE TABLE IF NOT EXISTS tokens (digest BLOB PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users);
CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, text TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, item TEXT NOT NULL
);
"""
FILE = os.environ.get("DATABASE_URL", "sqlite:///shop.db").removeprefix("sqlite:///")
STRANGER = {"id": None, "username": "-", "role": "guest"}
LOGGED_IN = ("user", "moderator", "admin")
hasher = PasswordHash([Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)])
log = logging.getLogger("shop")
log.addHandler(logging.StreamHandler())
Text = Annotated[str, Field(pattern=r"\S")]
Utf8 = Annotated[str, AfterValidator(lambda text: text.encode().decode())]  # a UnicodeError is a ValueError
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Row = dict[str, Any]


class Payload(BaseModel, extra="forbid"):
    """What a client sends."""


class NewUser(Payload):
    """A registration."""

    username: str = Field(pattern="^[a-z0-9_]{3,20}$")
    email: EmailStr
    password: str = Field(min_length=8, max_length=128, pattern=r"\S")


class Login(Payload):
    """A name and a password."""

    username: Utf8
    password: Utf8


class Profile(Payload):
    """What can be changed of a user."""

    email: EmailStr


class NewRole(Payload):
    """A role that somebody gets."""

    role: Literal["user", "moderator", "admin"]


class NewReview(Payload):
    """A review."""

    text: Text


class NewOrder(Payload):
    """An order."""

    item: Text


@contextmanager
def connect() -> Iterator[sqlite3.Connection]:
    """Open a connection, and one transaction that writes from its beginning."""
    connection = sqlite3.connect(FILE, timeout=30, isolation_level=None)
    connection.row_factory = lambda cursor, values: {
        column[0]: value for column, value in zip(cursor.description, values, strict=True)
    }
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        connection.close()


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return blake2b(token.encode(), digest_size=32).digest()


def caller_of(header: str | None) -> Row | None:
    """Return whose token a header holds, the stranger if there is no header, or nobody."""
    if header is None:
        return STRANGER
    scheme, _, token = header.partition(" ")
    if scheme.casefold() != "bearer":
        return None
    query = "SELECT id, username, role FROM users JOIN tokens ON user_id = id WHERE digest = ?"
    with connect() as connection:
        row: Row | None = connection.execute(query, [digest(token)]).fetchone()
    return row


def problem(status: int, detail: str, **headers: str) -> JSONResponse:
    """Return problem details."""
    content = {"type": "about:blank", "title": responses[status], "status": status, "detail": detail}
    head = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(content, status, head, "application/problem+json")


def note(scope: Scope, caller: Row, status: int) -> None:
    """Write down a denied attempt."""
    path = quote(scope["path"])
    log.warning(
        "%s: denied user=%s method=%s path=%s status=%d",
        __name__,
        caller["username"],
        scope["method"],
        path,
        status,
    )


class Guard:
    """The middleware: it finds the endpoint, and asks its mark."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what the mark allows."""
        if scope["type"] == "http":
            refusal = await self.check(scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def check(self, scope: Scope) -> JSONResponse | None:
        """Return how a request is refused, if it is."""
        endpoint = find_endpoint(scope)
        if endpoint is None:
            return None
        header = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        sent = None if header is None else header.decode("latin-1")
        caller = await run_in_threadpool(caller_of, sent)
        if caller is None:
            note(scope, STRANGER, 401)
            challenge = 'bearer error="invalid_token", realm="the shop"'
            return problem(401, "The token is wrong.", WWW_Authenticate=challenge)
        scope.setdefault("state", {})["caller"] = caller
        if caller["role"] in getattr(endpoint, "roles", ()):
            return None
        if sent is None:
            note(scope, caller, 401)
            return problem(401, "Log in.", WWW_Authenticate='Bearer realm="the shop"')
        note(scope, caller, 403)
        return problem(403, "Not with your role.")


def find_endpoint(scope: Scope) -> Callable[..., Any] | None:
    """Return the function that will answer, unless it is the documentation or nothing."""
    for one in [router, reports.router]:
        for route in one.routes:
            if route.matches(scope)[0] == Match.FULL:
                return getattr(route, "endpoint", None)
    return None


def allow(*roles: str) -> Callable[[Endpoint], Endpoint]:
    """Mark an endpoint with the roles that may use it."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.roles = roles  # type: ignore[attr-defined]
        return endpoint

    return mark


def caller(request: Request) -> Row:
    """Return who asks."""
    found: Row = request.state.caller
    return found


def refuse(request: Request, status: int, detail: str) -> HTTPException:
    """Write down a denied attempt, and return what to raise."""
    note(request.scope, caller(request), status)
    return HTTPException(status, detail)


def find(connection: sqlite3.Connection, table: str, row_id: int) -> Row:
    """Return a row, or raise a 404."""
    query = f"SELECT * FROM {table} WHERE id = CAST(? AS INTEGER)"  # noqa: S608 - a table of this file
    row = connection.execute(query, [str(row_id)]).fetchone() if abs(row_id) < 2**63 else None
    if row is None:
        raise HTTPException(404, f"{row_id} is in none of the {table}")
    return dict(row)


def show(user: Row, viewer: Row | None = None) -> Row:
    """Return what a viewer gets of a user."""
    fields = ["id", "username", "role"]
    if viewer is None or viewer["role"] == "admin" or viewer["id"] == user["id"]:
        fields.append("email")
    return {name: user[name] for name in fields}


router = APIRouter()


@router.post("/users", status_code=201)
@allow("guest", *LOGGED_IN)
def post_user(new: NewUser) -> Row:
    """Register."""
    values = [new.username, new.email, hasher.hash(new.password)]
    with connect() as connection:
        if connection.execute("SELECT 1 FROM users WHERE username = ?", values[:1]).fetchone():
            raise HTTPException(409, "taken")
        statement = "INSERT INTO users (username, email, hash) VALUES (?, ?, ?) RETURNING *"
        return show(connection.execute(statement, values).fetchone())


@router.post("/token")
@allow("guest", *LOGGED_IN)
def post_token(sent: Login) -> Row:
    """Log in."""
    with connect() as connection:
        query = "SELECT * FROM users WHERE username = ?"
        user = connection.execute(query, [sent.username]).fetchone()
    if user is None or not hasher.verify(sent.password, user["hash"]):
        raise HTTPException(401, "no", {"WWW-Authenticate": "Bearer"})
    token = secrets.token_hex(32)
    with connect() as connection:
        connection.execute("INSERT INTO tokens VALUES (?, ?)", [digest(token), user["id"]])
    return {"access_token": token, "token_type": "bearer"}


@router.get("/users")
@allow("moderator", "admin")
def get_users(request: Request) -> list[Row]:
    """List users."""
    with connect() as connection:
        rows = connection.execute("SELECT * FROM users ORDER BY id").fetchall()
    return [show(user, caller(request)) for user in rows]


@router.get("/users/{number}")
@allow(*LOGGED_IN)
def get_user(request: Request, number: int) -> Row:
    """Show a user."""
    with connect() as connection:
        return show(find(connection, "users", number), caller(request))


@router.patch("/users/{number}")
@allow(*LOGGED_IN)
def patch_user(request: Request, number: int, sent: Profile) -> Row:
    """Change an email."""
    me = caller(request)
    if me["role"] != "admin" and me["id"] != number:
        raise refuse(request, 403, "not yours")
    with connect() as connection:
        find(connection, "users", number)
        connection.execute("UPDATE users SET email = ? WHERE id = ?", [sent.email, number])
        return show(find(connection, "users", number))


@router.put("/users/{number}/role")
@allow("admin")
def put_role(number: int, sent: NewRole) -> Row:
    """Change a role; the transaction lets nobody else write meanwhile."""
    with connect() as connection:
        user = find(connection, "users", number)
        others = connection.execute(
            "SELECT 1 FROM users WHERE role = 'admin' AND id <> ?", [number]
        ).fetchone()
        if user["role"] == "admin" and sent.role != "admin" and others is None:
            raise HTTPException(409, "the last one")
        connection.execute("UPDATE users SET role = ? WHERE id = ?", [sent.role, number])
        return show(user | {"role": sent.role})


@router.get("/reviews")
@allow("guest", *LOGGED_IN)
def get_reviews() -> list[Row]:
    """List reviews."""
    with connect() as connection:
        return connection.execute("SELECT id, user_id, text FROM reviews ORDER BY id").fetchall()


@router.post("/reviews", status_code=201)
@allow(*LOGGED_IN)
def post_review(request: Request, new: NewReview) -> Row:
    """Write a review."""
    statement = "INSERT INTO reviews (user_id, text) VALUES (?, ?) RETURNING id, user_id, text"
    with connect() as connection:
        row: Row = connection.execute(statement, [caller(request)["id"], new.text]).fetchone()
        return row


@router.delete("/reviews/{number}", status_code=204)
@allow(*LOGGED_IN)
def delete_review(request: Request, number: int) -> None:
    """Delete a review."""
    with connect() as connection:
        review, me = find(connection, "reviews", number), caller(request)
        if me["role"] == "user" and review["user_id"] != me["id"]:
            raise refuse(request, 403, "not yours")
        connection.execute("DELETE FROM reviews WHERE id = ?", [number])


@router.post("/orders", status_code=201)
@allow(*LOGGED_IN)
def post_order(request: Request, new: NewOrder) -> Row:
    """Place an order."""
    statement = "INSERT INTO orders (user_id, item) VALUES (?, ?) RETURNING id, user_id, item"
    with connect() as connection:
        row: Row = connection.execute(statement, [caller(request)["id"], new.item]).fetchone()
        return row


@router.get("/orders")
@allow(*LOGGED_IN)
def get_orders(request: Request) -> list[Row]:
    """List orders."""
    me = caller(request)
    query = "SELECT id, user_id, item FROM orders WHERE user_id = ? OR ? = 'admin' ORDER BY id"
    with connect() as connection:
        return connection.execute(query, [me["id"], me["role"]]).fetchall()


@router.get("/orders/{number}")
@allow(*LOGGED_IN)
def get_order(request: Request, number: int) -> Row:
    """Show an order."""
    me = caller(request)
    with connect() as connection:
        order = find(connection, "orders", number)
    if me["role"] != "admin" and order["user_id"] != me["id"]:
        raise refuse(request, 404, f"{number} is in none of the orders")
    return order


@router.delete("/orders/{number}", status_code=204)
@allow("admin")
def delete_order(number: int) -> None:
    """Delete an order."""
    with connect() as connection:
        find(connection, "orders", number)
        connection.execute("DELETE FROM orders WHERE id = ?", [number])


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Make the tables and the first Admin."""
    preparing = sqlite3.connect(FILE)
    preparing.executescript(SCHEMA)
    preparing.close()
    name = os.environ.get("ADMIN_USERNAME", "admin")
    password = os.environ.get("ADMIN_PASSWORD", "for development only")
    with connect() as connection:
        if connection.execute("SELECT 1 FROM users WHERE role = 'admin'").fetchone() is None:
            statement = "INSERT INTO users (username, email, hash, role) VALUES (?, ?, ?, 'admin')"
            connection.execute(statement, [name, "admin@example.com", hasher.hash(password)])
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(router)
app.include_router(reports.router)
app.add_middleware(Guard)


@app.exception_handler(StarletteHTTPException)
def answer_error(_request: Request, error: StarletteHTTPException) -> JSONResponse:
    """Answer with problem details."""
    answer = problem(error.status_code, error.detail)
    answer.headers.update(error.headers or {})
    return answer


@app.exception_handler(RequestValidationError)
def answer_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer with problem details."""
    return problem(422, "; ".join(str(fault["msg"]) for fault in error.errors()))
