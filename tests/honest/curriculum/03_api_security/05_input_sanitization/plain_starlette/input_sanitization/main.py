"""Plain Starlette: each endpoint checks what it gets with a few functions."""

import json
import os
import sqlite3
import unicodedata
from contextlib import closing
from html import escape
from typing import Any

from email_validator import EmailNotValidError, validate_email
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .markup import clean

PATH = os.environ.get("DATABASE_URL", "sqlite:///blog.db").removeprefix("sqlite:///")
ORDERS = {
    "id": "id",
    "-id": "id DESC",
    "title": "title, id",
    "-title": "title DESC, id",
}
NAME = set("abcdefghijklmnopqrstuvwxyz0123456789_")
TABLES = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE, email TEXT);
    CREATE TABLE IF NOT EXISTS posts (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, body_html TEXT);
    CREATE TABLE IF NOT EXISTS comments (
        id INTEGER PRIMARY KEY AUTOINCREMENT, post_id INTEGER REFERENCES posts, author TEXT, text TEXT);
"""


def run(statement: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(PATH, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute(statement, values)]
        connection.commit()
    return rows


def refuse(detail: str) -> HTTPException:
    return HTTPException(422, detail)


def plain(text: object, most: int, *, blank: bool = False) -> str:
    if not isinstance(text, str) or len(text) > most or (not blank and not text.strip()):
        raise refuse("This is not a text of this length.")
    for character in text:
        category, turns = unicodedata.category(character), unicodedata.bidirectional(character)
        control = category == "Cc" and character not in "\t\n\r"
        if (
            control
            or category == "Cs"
            or turns in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
        ):
            raise refuse("This text has a forbidden character.")
    return text


def name_of(text: object) -> str:
    name = unicodedata.normalize("NFKC", text).casefold() if isinstance(text, str) else ""
    if not 3 <= len(name) <= 20 or not set(name) <= NAME:
        raise refuse("This is not a user name.")
    return name


def address(text: object) -> str:
    try:
        return validate_email(plain(text, 320), check_deliverability=False).original
    except EmailNotValidError:
        raise refuse("This is not an address.") from None


async def payload(request: Request, *names: str) -> list[object]:
    try:
        sent = json.loads(await request.body())
    except ValueError:
        raise refuse("This is not JSON.") from None
    if not isinstance(sent, dict) or set(sent) != set(names):
        raise refuse("These are not the fields.")
    return [sent[name] for name in names]


def post_of(request: Request) -> dict[str, Any]:
    text = request.path_params["post_id"]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise refuse("This is not an id.")
    rows = run("SELECT * FROM posts WHERE id = ?", int(text)) if len(digits) < 19 else []
    if not rows:
        raise HTTPException(404, "There is no such post.")
    return rows[0]


async def create_user(request: Request) -> Response:
    username, email = await payload(request, "username", "email")
    try:
        [user] = run(
            "INSERT INTO users (username, email) VALUES (?, ?) RETURNING *", name_of(username), address(email)
        )
    except sqlite3.IntegrityError:
        raise HTTPException(409, "This name is taken.") from None
    return JSONResponse(user, 201)


async def list_users(_: Request) -> Response:
    return JSONResponse(run("SELECT id, username FROM users ORDER BY id"))


async def read_user(request: Request) -> Response:
    rows = run("SELECT id, username FROM users WHERE username = ?", name_of(request.path_params["username"]))
    if not rows:
        raise HTTPException(404, "There is no such user.")
    return JSONResponse(rows[0])


async def create_post(request: Request) -> Response:
    title, body = await payload(request, "title", "body_html")
    cleaned = plain(clean(plain(body, 20_000, blank=True)), 10**9, blank=True)
    [post] = run("INSERT INTO posts (title, body_html) VALUES (?, ?) RETURNING *", plain(title, 200), cleaned)
    return JSONResponse(post, 201)


async def list_posts(request: Request) -> Response:
    q = plain(request.query_params.get("q", ""), 200, blank=True)
    order = ORDERS.get(request.query_params.get("sort", "id"))
    if order is None:
        raise refuse("This is not an order.")
    found = f"SELECT * FROM posts WHERE instr(lower(title), lower(?)) > 0 OR ? = '' ORDER BY {order}"  # noqa: S608
    return JSONResponse(run(found, q, q))


async def read_post(request: Request) -> Response:
    return JSONResponse(post_of(request))


def comments_on(post: dict[str, Any]) -> list[dict[str, Any]]:
    return run("SELECT id, author, text FROM comments WHERE post_id = ? ORDER BY id", post["id"])


async def list_comments(request: Request) -> Response:
    return JSONResponse(comments_on(post_of(request)))


async def create_comment(request: Request) -> Response:
    post = post_of(request)
    form = await request.form()
    author, text = plain(form.get("author"), 50), plain(form.get("text"), 2_000)
    run("INSERT INTO comments (post_id, author, text) VALUES (?, ?, ?)", post["id"], author, text)
    return RedirectResponse(f"/posts/{post['id']}/page", 303)


async def show_post(request: Request) -> Response:
    post = post_of(request)
    comments = "".join(
        f"<p data-author='{escape(one['author'])}'>{escape(one['text'])}</p>" for one in comments_on(post)
    )
    title = escape(post["title"])
    return HTMLResponse(
        f"<!doctype html><meta charset=utf-8><title>{title}</title><main><h1>{title}</h1>"
        f"<article>{post['body_html']}</article><section id=comments class=list>{comments}</section></main>"
    )


async def problem(_: Request, error: Exception) -> Response:
    status, detail = getattr(error, "status_code", 500), getattr(error, "detail", "")
    body = {"type": "about:blank", "title": "Error", "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


with closing(sqlite3.connect(PATH, timeout=30)) as prepared:
    prepared.executescript(TABLES)

app = Starlette(
    routes=[
        Route("/users", create_user, methods=["POST"]),
        Route("/users", list_users),
        Route("/users/{username}", read_user),
        Route("/posts", create_post, methods=["POST"]),
        Route("/posts", list_posts),
        Route("/posts/{post_id}", read_post),
        Route("/posts/{post_id}/page", show_post),
        Route("/posts/{post_id}/comments", create_comment, methods=["POST"]),
        Route("/posts/{post_id}/comments", list_comments),
    ],
    exception_handlers={HTTPException: problem, Exception: problem},
)
