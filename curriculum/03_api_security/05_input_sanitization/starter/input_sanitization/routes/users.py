"""The paths of the users. Still missing: registering and reading one."""

from collections.abc import Sequence

from fastapi import APIRouter, HTTPException, status

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
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("", response_model=list[UserPublic])
def list_users(session: SessionDep) -> Sequence[User]:
    """List all users, sorted by id."""
    return service.list_users(session)


@router.get("/{username}", response_model=UserPublic, responses=problem_responses(404, 422))
def read_user(username: Username, session: SessionDep) -> User:
    """Read the user with this name, in whatever spelling."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)
