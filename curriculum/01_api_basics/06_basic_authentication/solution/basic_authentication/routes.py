"""The paths of the users, and the users themselves."""

from contextlib import suppress
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.security.http import HTTPBase

from shared.problems import problem_responses

from .models import Health, User, UserCreate, UserPublic
from .service import NOBODY, decode_credentials, hasher

CHALLENGE = 'Basic realm="shop", charset="UTF-8"'

router = APIRouter(tags=["users"])

users: dict[str, User] = {}
lock = Lock()  # held by each request that changes `users`, from its first look at them to the end

# Splits the header at its first blank, strips both parts of white space, and checks neither; it also lets `/docs` ask
# for a password.
authorization = HTTPBase(scheme="basic", auto_error=False)
AuthorizationDep = Annotated[HTTPAuthorizationCredentials | None, Depends(authorization)]


def get_current_user(sent: AuthorizationDep) -> User:
    """Return the user whose credentials were sent, or answer 401 with a challenge."""
    if sent is not None and sent.scheme.lower() == "basic":
        with suppress(ValueError):
            username, password = decode_credentials(sent.credentials)
            user = users.get(username, NOBODY)
            if hasher.verify(password, user.password_hash):
                return user
    raise HTTPException(
        status.HTTP_401_UNAUTHORIZED,
        "Send the user name and the password of a user.",
        {"WWW-Authenticate": CHALLENGE},
    )


CurrentUserDep = Annotated[User, Depends(get_current_user)]


@router.post(
    "/users",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_409_CONFLICT, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def create_user(new: UserCreate) -> UserPublic:
    """Create a user with a name that nobody else has; only a hash of the password is stored."""
    with lock:
        if new.username in users:
            raise HTTPException(status.HTTP_409_CONFLICT, "This user name is taken.")
        user = User(username=new.username, password_hash=hasher.hash(new.password))
        users[user.username] = user
    return user


@router.get("/me", responses=problem_responses(status.HTTP_401_UNAUTHORIZED))
def read_current_user(user: CurrentUserDep) -> UserPublic:
    """Read the user whose credentials the request has."""
    return user


@router.get("/health")
def read_health() -> Health:
    """See that the app runs; no credentials are needed."""
    return Health(status="ok")
