"""The API of the users on bare requests and responses, with scrypt of the standard library."""

import binascii
import hashlib
import hmac
import json
import os
import re
from typing import Any, TypeGuard

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CHALLENGE = 'basic charset=utf-8, realm="customers only"'
HEADER = re.compile(r"basic +((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)", re.IGNORECASE)

salts: dict[str, bytes] = {}
hashes: dict[str, bytes] = {}
pepper = os.urandom(16)


def answer(content: Any, status: int = 200, media_type: str = "application/json", **headers: str) -> Response:
    """Answer in JSON."""
    head = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(content), status, head, media_type)


def refuse(_request: Request, error: Exception) -> Response:
    """Answer a request that was refused."""
    assert isinstance(error, HTTPException)
    code = error.status_code
    content = {"type": f"/errors/{code}", "title": "Refused", "status": code, "detail": error.detail}
    return answer(content, code, "application/problem+json", **(error.headers or {}))


def hash_password(password: str, salt: bytes) -> bytes:
    """Make the hash of a password: 16 MiB and some hundredths of a second."""
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def is_text(value: Any, least: int, most: int) -> TypeGuard[str]:
    """Tell whether a value is a text that a header can hold, of so many characters."""
    return (
        isinstance(value, str)
        and value.strip() != ""
        and least <= len(value) <= most
        and re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", value) is None
    )


async def create_user(request: Request) -> Response:
    """Create a user: the name is taken before the hash is made."""
    try:
        payload = json.loads(await request.body())
    except ValueError as error:
        raise HTTPException(422, "the body is not JSON") from error
    if not isinstance(payload, dict):
        raise HTTPException(422, "the body is not an object")
    name, password = payload.get("username"), payload.get("password")
    if not is_text(name, 1, 80) or ":" in name:
        raise HTTPException(422, "the user name is not valid")
    if not is_text(password, 8, 128):
        raise HTTPException(422, "the password is not valid")
    if name in salts:
        raise HTTPException(409, "the user name is taken")
    salts[name] = os.urandom(16)
    hashes[name] = await run_in_threadpool(hash_password, password, salts[name])
    return answer({"username": name}, 201)


async def user_of(request: Request) -> str | None:
    """Find the user whose credentials a request has."""
    header = HEADER.fullmatch(request.headers.get("Authorization", ""))
    if header is None:
        return None
    name, colon, password = binascii.a2b_base64(header[1]).partition(b":")
    try:
        username, text = name.decode(), password.decode()
    except UnicodeDecodeError:
        return None
    salt = salts.get(username, pepper)
    made = await run_in_threadpool(hash_password, text, salt)
    return username if hmac.compare_digest(made, hashes.get(username, b"")) and colon else None


async def read_me(request: Request) -> Response:
    """Show the user to itself."""
    username = await user_of(request)
    if username is None:
        raise HTTPException(401, "log in", {"WWW-Authenticate": CHALLENGE})
    return answer({"username": username})


async def read_health(_request: Request) -> Response:
    """Say that all is well."""
    return answer({"status": "ok"})


app = Starlette(
    routes=[
        Route("/users", create_user, methods=["POST"]),
        Route("/me", read_me),
        Route("/health", read_health),
    ],
    exception_handlers={HTTPException: refuse},
)
