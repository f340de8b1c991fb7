"""Who may do what: the matrix, the check that every request passes, and the log of those that were denied.

What the matrix does not list is denied to everybody. Which of the allowed callers may do it to *this* user, review
or order is up to `service.py`.
"""

import logging
from collections.abc import Set
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request, Response, status
from fastapi.security import HTTPBearer

from shared.problems import problem

from . import service
from .database import SessionDep
from .errors import ForbiddenError, HiddenError, LoginError, NoTokenError, WrongTokenError
from .models import Caller, Role

logger = logging.getLogger(__name__)

EVERYBODY = frozenset(Role)
LOGGED_IN = EVERYBODY - {Role.GUEST}
STAFF = frozenset({Role.MODERATOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
NOBODY: frozenset[Role] = frozenset()

MATRIX: dict[str, Set[Role]] = {
    "POST /users": EVERYBODY,
    "POST /token": EVERYBODY,
    "GET /users": STAFF,
    "GET /users/{user_id}": LOGGED_IN,
    "PATCH /users/{user_id}": LOGGED_IN,
    "PUT /users/{user_id}/role": ADMINS,
    "GET /reviews": EVERYBODY,
    "POST /reviews": LOGGED_IN,
    "DELETE /reviews/{review_id}": LOGGED_IN,
    "POST /orders": LOGGED_IN,
    "GET /orders": LOGGED_IN,
    "GET /orders/{order_id}": LOGGED_IN,
    "DELETE /orders/{order_id}": ADMINS,
}
"""Which roles may use each operation."""

GUEST = Caller(id=None, username="-", role=Role.GUEST)
REFUSALS = {
    NoTokenError: (status.HTTP_401_UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="shop"'}),
    LoginError: (status.HTTP_401_UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="shop"'}),
    WrongTokenError: (
        status.HTTP_401_UNAUTHORIZED,
        {"WWW-Authenticate": 'Bearer realm="shop", error="invalid_token"'},
    ),
    ForbiddenError: (status.HTTP_403_FORBIDDEN, None),
    HiddenError: (status.HTTP_404_NOT_FOUND, None),
}
"""The status and the headers of each refusal."""


def authorize(
    request: Request, session: SessionDep, _: Annotated[object, Depends(HTTPBearer(auto_error=False))]
) -> Caller:
    """Return who sends the request, if their role may use its operation; `main.py` asks this before each of them.

    The last argument lets `/docs` ask for a token; it takes a header of another scheme for none, so it is not used.

    Raises:
        WrongTokenError: there is an `Authorization` header without a valid token.
        NoTokenError: there is no header, and the operation is not for guests.
        ForbiddenError: the operation is not for the caller's role.
    """
    request.state.caller = GUEST
    if "Authorization" in request.headers:
        request.state.caller = identify(session, request.headers["Authorization"])
    caller: Caller = request.state.caller
    operation = f"{request.method} {request.scope['route'].path}"
    if caller.role in MATRIX.get(operation, NOBODY):
        return caller
    if caller is GUEST:
        raise NoTokenError("Send a token.")
    raise ForbiddenError(f"This is not for the role {caller.role}.")


CallerDep = Annotated[Caller, Depends(authorize)]


def identify(session: SessionDep, authorization: str) -> Caller:
    """Return whose token an `Authorization` header holds, or raise `WrongTokenError`."""
    scheme, _, token = authorization.partition(" ")
    user = service.find_user(session, token.strip())
    if scheme.lower() != "bearer" or user is None:
        raise WrongTokenError("This is not a valid token.")
    return Caller(id=user.id, username=user.username, role=user.role)


def refuse(request: Request, error: Exception) -> Response:
    """Log who was denied what, and answer with the refusal's status.

    The path is percent-encoded, so that no line break in it can begin a line that we did not write.
    """
    status_code, headers = REFUSALS[type(error)]
    caller = request.state.caller.username
    path = quote(request.scope["path"])
    logger.warning("denied user=%s method=%s path=%s status=%d", caller, request.method, path, status_code)
    return problem(status_code, str(error), headers)
