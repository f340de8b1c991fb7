"""Users."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import exists, select

from ..database import DatabaseSession, find, paginate
from ..schemas import Page, PageQuery, PathProgress, Progress, Remaining, UserCreate, UserRead
from ..tables import Challenge, Completion, Enrolment, PathStep, User

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
def read_user(user_id: int, session: DatabaseSession) -> Any:
    """Read a user."""
    return find(session, User, user_id)


@router.get("/{user_id}/progress")
def read_progress(user_id: int, session: DatabaseSession) -> Progress:
    """Read how far a user is on each of their paths."""
    find(session, User, user_id)
    done = exists().where(
        Completion.challenge_id == PathStep.challenge_id, Completion.user_id == Enrolment.user_id
    )
    statement = (
        select(Enrolment, Challenge.id, Challenge.title, done)
        .outerjoin(PathStep, PathStep.path_id == Enrolment.path_id)
        .outerjoin(Challenge, Challenge.id == PathStep.challenge_id)
        .where(Enrolment.user_id == user_id)
        .order_by(Enrolment.path_id, PathStep.position)
    )
    paths: dict[int, PathProgress] = {}
    for enrolment, challenge_id, title, is_done in session.execute(statement):
        path = paths.setdefault(
            enrolment.path_id,
            PathProgress(
                path_id=enrolment.path_id,
                title=enrolment.path.title,
                challenges=0,
                completed=0,
                share=0.0,
                remaining=[],
            ),
        )
        if challenge_id is None:
            continue
        path.challenges += 1
        path.completed += is_done
        path.share = path.completed / path.challenges
        if not is_done:
            path.remaining.append(Remaining(id=challenge_id, title=title))
    return Progress(user_id=user_id, paths=list(paths.values()))
