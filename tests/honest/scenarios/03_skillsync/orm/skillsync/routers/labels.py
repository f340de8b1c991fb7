"""The tags and the topics that challenges have."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from ..database import DatabaseSession, paginate
from ..schemas import Page, PageQuery, TagCount, TopicCount
from ..tables import Challenge, FoldedTag

router = APIRouter()
number = func.count().label("challenges")


@router.get("/tags", response_model=Page[TagCount])
def list_tags(query: Annotated[PageQuery, Query()], session: DatabaseSession) -> Any:
    """List tags, the most frequent first."""
    statement = select(FoldedTag.tag, number).group_by(FoldedTag.tag).order_by(number.desc(), FoldedTag.tag)
    return paginate(session, statement, query, rows=True)


@router.get("/topics", response_model=Page[TopicCount])
def list_topics(query: Annotated[PageQuery, Query()], session: DatabaseSession) -> Any:
    """List topics, the most frequent first."""
    statement = (
        select(Challenge.topic, number).group_by(Challenge.topic).order_by(number.desc(), Challenge.topic)
    )
    return paginate(session, statement, query, rows=True)
