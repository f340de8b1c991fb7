"""The paths of the accounts."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from . import service
from .database import SessionDep
from .models import Credentials, PasswordChange, Registration, UserPublic
from .tables import User

router = APIRouter(tags=["accounts"])


@router.post(
    "/register",
    status_code=status.HTTP_201_CREATED,
    response_model=UserPublic,
    responses=problem_responses(status.HTTP_409_CONFLICT, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def register(new: Registration, session: SessionDep) -> User:
    """Create an account with a name that nobody else has; only a hash of the password is stored."""
    return service.register(session, new)


@router.post(
    "/login",
    response_model=UserPublic,
    responses=problem_responses(status.HTTP_401_UNAUTHORIZED, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def log_in(sent: Credentials, session: SessionDep) -> User:
    """Learn whether the password fits; what was hashed in an older way is hashed anew."""
    return service.log_in(session, sent)


@router.post(
    "/password",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(status.HTTP_401_UNAUTHORIZED, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def change_password(change: PasswordChange, session: SessionDep) -> None:
    """Replace the password by another; the old one has to be sent, too."""
    service.change_password(session, change)
