"""The shapes of the blog: what a client sends, and what it gets back. Each type says what its text may hold."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, EmailStr, Field
from sqlmodel import SQLModel

from shared.text import NonBlank

from .sanitization import clean_html, normalize_username, require_plain

Username = Annotated[str, AfterValidator(normalize_username)]
Title = Annotated[NonBlank, Field(max_length=200), AfterValidator(require_plain)]
BodyHtml = Annotated[str, Field(max_length=20_000), AfterValidator(clean_html)]
Author = Annotated[NonBlank, Field(max_length=50), AfterValidator(require_plain)]
CommentText = Annotated[NonBlank, Field(max_length=2_000), AfterValidator(require_plain)]
SearchText = Annotated[str, Field(max_length=200), AfterValidator(require_plain)]


class Sort(StrEnum):
    """How posts can be sorted; a minus sign turns the order around."""

    ID = "id"
    ID_DOWN = "-id"
    TITLE = "title"
    TITLE_DOWN = "-title"


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
