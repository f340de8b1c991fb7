"""The paths of the users."""

from collections.abc import Sequence

from fastapi import APIRouter, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import UserCreate, Username, UserPrivate, UserPublic
from ..tables import User

router = APIRouter(prefix="/users", tags=["users"])


@router.post(
    "", status_code=status.HTTP_201_CREATED, response_model=UserPrivate, responses=problem_responses(409, 422)
)
def create_user(new: UserCreate, session: SessionDep) -> User:
    """Register a user; the name is normalized."""
    return service.create_user(session, new)


@router.get("", response_model=list[UserPublic])
def list_users(session: SessionDep) -> Sequence[User]:
    """List all users, sorted by id."""
    return service.list_users(session)


@router.get("/{username}", response_model=UserPublic, responses=problem_responses(404, 422))
def read_user(username: Username, session: SessionDep) -> User:
    """Read the user with this name, in whatever spelling."""
    return service.read_user(session, username)
