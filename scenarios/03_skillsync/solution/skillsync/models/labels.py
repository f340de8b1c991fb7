"""The shapes of what challenges can be filtered by: the tags and the topics that exist."""

from sqlmodel import SQLModel


class TagCount(SQLModel):
    """A tag in lower case, and how many challenges have it."""

    tag: str
    challenges: int


class TopicCount(SQLModel):
    """A topic, and how many challenges have it."""

    topic: str
    challenges: int
