"""Users."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from shared.database import RowId

from ..database import DatabaseSession, find, paginate
from ..schemas import Page, PageQuery, PathProgress, Progress, UserCreate, UserRead
from ..tables import Completion, Enrolment, PathStep, User

router = APIRouter(prefix="/users", tags=["users"])


@router.post("", status_code=201, response_model=UserRead)
def create_user(payload: UserCreate, session: DatabaseSession) -> Any:
    """Create a user."""
    user = User(name=payload.name)
    session.add(user)
    session.commit()
    return user


@router.get("", response_model=Page[UserRead])
def list_users(query: Annotated[PageQuery, Query()], session: DatabaseSession) -> Any:
    """List users, the oldest first."""
    return paginate(session, select(User).order_by(User.id), query)


@router.get("/{user_id}", response_model=UserRead)
def read_user(user_id: RowId, session: DatabaseSession) -> Any:
    """Read a user."""
    return find(session, User, user_id)


@router.get("/{user_id}/progress")
def read_progress(user_id: RowId, session: DatabaseSession) -> Progress:
    """Read how far a user is on each of their paths."""
    find(session, User, user_id)
    steps = select(func.count()).select_from(PathStep).where(PathStep.path_id == Enrolment.path_id)
    completed = steps.join(Completion, Completion.challenge_id == PathStep.challenge_id).where(
        Completion.user_id == Enrolment.user_id
    )
    statement = (
        select(
            Enrolment,
            steps.correlate(Enrolment).scalar_subquery(),
            completed.correlate(Enrolment).scalar_subquery(),
        )
        .where(Enrolment.user_id == user_id)
        .order_by(Enrolment.path_id)
    )
    paths = [
        PathProgress(
            path_id=enrolment.path_id,
            title=enrolment.path.title,
            challenges=challenges,
            completed=done,
            share=done / challenges if challenges else 0.0,
        )
        for enrolment, challenges, done in session.execute(statement)
    ]
    return Progress(user_id=user_id, paths=paths)
