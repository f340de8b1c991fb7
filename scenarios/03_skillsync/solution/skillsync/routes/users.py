"""The paths of the users."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.database import get_row
from shared.problems import problem_responses

from ..database import SessionDep
from ..errors import NotFoundError
from ..models.users import User, UserCreate, UserPublic
from ..paging import Page, PageQueryDep
from ..services import users

router = APIRouter(prefix="/users", tags=["users"], responses=problem_responses(422))


def get_user(user_id: int, session: SessionDep) -> User:
    """Return the user with this id, or raise NotFoundError."""
    user = get_row(session, User, user_id)
    if user is None:
        raise NotFoundError(f"There is no user {user_id}.")
    return user


UserDep = Annotated[User, Depends(get_user)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=UserPublic)
def create_user(new: UserCreate, session: SessionDep) -> User:
    """Create a user."""
    return users.create_user(session, new)


@router.get("", response_model=Page[UserPublic])
def list_users(wanted: PageQueryDep, session: SessionDep) -> Page[User]:
    """List all users, the oldest first."""
    return users.list_users(session, wanted)


@router.get("/{user_id}", response_model=UserPublic, responses=problem_responses(404))
def read_user(user: UserDep) -> User:
    """Read one user."""
    return user
