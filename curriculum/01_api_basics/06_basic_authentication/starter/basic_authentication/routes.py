"""The paths of the users, and the users themselves.

The bodies of `get_current_user` and `create_user` are yours: each answers 501 until you write it.
"""

from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.security.http import HTTPBase

from shared.problems import problem_responses

from .models import Health, User, UserCreate, UserPublic

router = APIRouter(tags=["users"])

users: dict[str, User] = {}
lock = Lock()  # held by each request that changes `users`, from its first look at them to the end

# Splits the header at its first blank, strips both parts of white space, and checks neither; it also lets `/docs` ask
# for a password.
authorization = HTTPBase(scheme="basic", auto_error=False)
AuthorizationDep = Annotated[HTTPAuthorizationCredentials | None, Depends(authorization)]


def get_current_user(sent: AuthorizationDep) -> User:
    """Return the user whose credentials were sent, or answer 401 with a challenge."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


CurrentUserDep = Annotated[User, Depends(get_current_user)]


@router.post(
    "/users",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_409_CONFLICT, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def create_user(new: UserCreate) -> UserPublic:
    """Create a user with a name that nobody else has; only a hash of the password is stored."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("/me", responses=problem_responses(status.HTTP_401_UNAUTHORIZED))
def read_current_user(user: CurrentUserDep) -> UserPublic:
    """Read the user whose credentials the request has."""
    return user


@router.get("/health")
def read_health() -> Health:
    """See that the app runs; no credentials are needed."""
    return Health(status="ok")
