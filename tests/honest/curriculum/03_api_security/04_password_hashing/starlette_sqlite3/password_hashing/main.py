"""The three endpoints; each works in a thread, since hashing takes a while."""

import json
import re
from http.client import responses

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .accounts import Accounts, TakenError
from .rules import broken_rules

accounts = Accounts()
NAME = re.compile("[a-z0-9_]{3,20}")


def problem(status, headers=None, **more):
    """Return problem details."""
    body = {"type": "about:blank", "title": responses[status], "status": status, "detail": "No.", **more}
    return JSONResponse(body, status, headers, "application/problem+json")


async def answer_error(_request: Request, error: HTTPException) -> Response:
    """Return what any error becomes."""
    return problem(error.status_code, error.headers)


async def fields_of(request: Request, *names: str) -> list[str]:
    """Return the fields of a payload, all of them text that UTF-8 can hold."""
    try:
        payload = json.loads(await request.body())
        fields = [payload[name] for name in names]
        for field in fields:
            field.encode()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HTTPException(422) from error
    return fields


def no_entry() -> Response:
    """Return what an unknown user gets, or a wrong password."""
    return problem(401, {"WWW-Authenticate": "Custom"})


async def register(request: Request) -> Response:
    """Create an account."""
    username, password = await fields_of(request, "username", "password")
    if not NAME.fullmatch(username):
        return problem(422)
    if broken := broken_rules(password, username):
        return problem(422, broken=broken)
    try:
        user_id = await run_in_threadpool(accounts.add, username, password)
    except TakenError:
        return problem(409)
    return JSONResponse({"id": user_id, "username": username}, 201)


async def log_in(request: Request) -> Response:
    """Say whether the password fits."""
    username, password = await fields_of(request, "username", "password")
    user_id = await run_in_threadpool(accounts.find, username, password)
    if user_id is None:
        return no_entry()
    await run_in_threadpool(accounts.renew, username, password)
    return JSONResponse({"id": user_id, "username": username})


async def change(request: Request) -> Response:
    """Replace the password."""
    username, old, new = await fields_of(request, "username", "old_password", "new_password")
    if await run_in_threadpool(accounts.find, username, old) is None:
        return no_entry()
    if broken := broken_rules(new, username):
        return problem(422, broken=broken)
    done = await run_in_threadpool(accounts.change, username, old, new)
    return Response(status_code=204) if done else no_entry()


app = Starlette(
    routes=[
        Route("/register", register, methods=["POST"]),
        Route("/login", log_in, methods=["POST"]),
        Route("/password", change, methods=["POST"]),
        Route("/openapi.json", lambda _: JSONResponse({})),
    ],
    exception_handlers={HTTPException: answer_error},
)
