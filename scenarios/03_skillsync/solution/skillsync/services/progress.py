"""The rules of progress."""

from collections import defaultdict

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, select

from ..models.challenges import Challenge, Completion
from ..models.paths import Enrolment, LearningPath, PathStep
from ..models.progress import ChallengeToDo, PathProgress, Progress
from ..models.users import User


def measure_progress(session: Session, user: User) -> Progress:
    """Return how far a user is on each of their paths: two queries, however many paths there are."""
    counts = session.exec(
        select(
            Enrolment.path_id,
            LearningPath.title,
            func.count(col(PathStep.challenge_id)),
            func.count(col(Completion.challenge_id)),
        )
        .select_from(Enrolment)
        .join(LearningPath)
        .outerjoin(PathStep, col(PathStep.path_id) == Enrolment.path_id)
        .outerjoin(Completion, completed_by(user))
        .where(Enrolment.user_id == user.id)
        .group_by(col(Enrolment.path_id))
        .order_by(col(Enrolment.path_id))
    )
    remaining = find_remaining(session, user)
    paths = [
        PathProgress(
            path_id=path_id,
            title=title,
            challenges=challenges,
            completed=completed,
            share=completed / challenges if challenges else 0.0,
            remaining=remaining[path_id],
        )
        for path_id, title, challenges, completed in counts
    ]
    return Progress.model_validate({"user_id": user.id, "paths": paths})


def find_remaining(session: Session, user: User) -> dict[int, list[ChallengeToDo]]:
    """Return what a user has not completed on each of their paths, in the path's order."""
    steps = session.exec(
        select(Enrolment.path_id, Challenge.id, Challenge.title)
        .select_from(Enrolment)
        .join(PathStep, col(PathStep.path_id) == Enrolment.path_id)
        .join(Challenge)
        .outerjoin(Completion, completed_by(user))
        .where(Enrolment.user_id == user.id, col(Completion.user_id).is_(None))
        .order_by(col(PathStep.position))
    )
    remaining = defaultdict(list)
    for path_id, challenge_id, title in steps:
        remaining[path_id].append(ChallengeToDo.model_validate({"id": challenge_id, "title": title}))
    return remaining


def completed_by(user: User) -> ColumnElement[bool]:
    """Return the condition that joins a step with the user's completion of its challenge."""
    return and_(col(Completion.challenge_id) == PathStep.challenge_id, col(Completion.user_id) == user.id)
