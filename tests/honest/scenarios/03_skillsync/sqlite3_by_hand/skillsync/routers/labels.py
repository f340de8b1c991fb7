"""The tags and the topics that exist."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from ..database import page_of, reading
from ..schemas import Page, Paging

router = APIRouter()

TAGS = "SELECT tag, count(*) AS challenges FROM challenge_tags GROUP BY tag ORDER BY 2 DESC, 1"
TOPICS = "SELECT topic, count(*) AS challenges FROM challenges GROUP BY topic ORDER BY 2 DESC, 1"


@router.get("/tags")
def tags(paging: Annotated[Paging, Depends()]) -> Page[dict[str, Any]]:
    """List the tags, the most frequent first."""
    with reading() as db:
        return page_of(db, paging, TAGS, [], dict[str, Any])


@router.get("/topics")
def topics(paging: Annotated[Paging, Depends()]) -> Page[dict[str, Any]]:
    """List the topics, the most frequent first."""
    with reading() as db:
        return page_of(db, paging, TOPICS, [], dict[str, Any])
