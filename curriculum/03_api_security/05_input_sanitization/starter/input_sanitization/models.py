"""The shapes of the blog: what a client sends, and what it gets back. Each type says what its text may hold.

Still missing: what text may hold besides its length, and how user names and HTML are changed; see `sanitization.py`.
The length of a user name counts after the change, so nothing limits it here yet.
"""

from typing import Annotated

from pydantic import EmailStr, Field
from sqlmodel import SQLModel

from shared.text import NonBlank

Username = str
Title = Annotated[NonBlank, Field(max_length=200)]
BodyHtml = Annotated[str, Field(max_length=20_000)]
Author = Annotated[NonBlank, Field(max_length=50)]
CommentText = Annotated[NonBlank, Field(max_length=2_000)]
SearchText = Annotated[str, Field(max_length=200)]


class Payload(SQLModel):
    """What a client sends; unknown fields are refused."""

    model_config = {"extra": "forbid"}


class UserCreate(Payload):
    """What a client sends to register."""

    username: Username
    email: EmailStr


class UserPublic(SQLModel):
    """What everybody gets of a user."""

    id: int
    username: str


class UserPrivate(UserPublic):
    """What only the one who registers gets."""

    email: str


class PostCreate(Payload):
    """What a client sends to write a post."""

    title: Title
    body_html: BodyHtml


class PostPublic(SQLModel):
    """What everybody gets of a post."""

    id: int
    title: str
    body_html: str


class CommentCreate(Payload):
    """The fields of the form for a comment."""

    author: Author
    text: CommentText


class CommentPublic(SQLModel):
    """What everybody gets of a comment."""

    id: int
    author: str
    text: str
