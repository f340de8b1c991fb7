"""The paths of what challenges can be filtered by: the tags and the topics that exist."""

from fastapi import APIRouter

from shared.problems import problem_responses

from ..database import SessionDep
from ..models.labels import TagCount, TopicCount
from ..paging import Page, PageQueryDep
from ..services import labels

router = APIRouter(tags=["labels"], responses=problem_responses(422))


@router.get("/tags", response_model=Page[TagCount])
def list_tags(wanted: PageQueryDep, session: SessionDep) -> Page[tuple[str, int]]:
    """List all tags in lower case with the number of their challenges, the most frequent first."""
    return labels.count_tags(session, wanted)


@router.get("/topics", response_model=Page[TopicCount])
def list_topics(wanted: PageQueryDep, session: SessionDep) -> Page[tuple[str, int]]:
    """List all topics with the number of their challenges, the most frequent first."""
    return labels.count_topics(session, wanted)
