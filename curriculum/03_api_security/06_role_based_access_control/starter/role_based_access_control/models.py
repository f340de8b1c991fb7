"""The roles, and the shapes of the shop: what a client sends, and what it gets back.

Still missing: which payloads are refused, and what others may know of a user.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import EmailStr, StringConstraints
from sqlmodel import Field, SQLModel

from shared.text import NonBlank


class Role(StrEnum):
    """What somebody is; a guest has no token, and is in no table."""

    GUEST = "guest"
    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    """Who sends a request; a guest has no id."""

    id: int | None
    username: str
    role: Role


Username = Annotated[str, StringConstraints(pattern="^[a-z0-9_]{3,20}$")]
Password = Annotated[NonBlank, Field(min_length=8, max_length=128)]
Text = Annotated[str, StringConstraints(min_length=0)]
"""Any string that is Unicode: with a constraint, Pydantic refuses half of a surrogate pair, which has no bytes."""


class Payload(SQLModel):
    """What a client sends; unknown fields are still ignored."""


class UserCreate(Payload):
    """What a client sends to register."""

    username: Username
    email: EmailStr
    password: Password = Field(repr=False)


class UserUpdate(Payload):
    """What a client sends to change a user."""

    email: EmailStr


class RoleUpdate(Payload):
    """What an Admin sends to change a role; nobody can become a guest."""

    role: Literal[Role.USER, Role.MODERATOR, Role.ADMIN]


class UserPrivate(SQLModel):
    """What a client gets of a user; others than the user and Admins should not get the email."""

    id: int
    username: str
    role: Role
    email: str


class Credentials(Payload):
    """What a client sends to log in; a name that nobody can have is just unknown."""

    username: Text
    password: Text = Field(repr=False)


class TokenPublic(SQLModel):
    """What a client gets when it logs in, once: the shop keeps the hash only."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - this is no password


class ReviewCreate(Payload):
    """What a client sends to write a review."""

    text: NonBlank


class ReviewPublic(SQLModel):
    """What everybody gets of a review."""

    id: int
    user_id: int
    text: str


class OrderCreate(Payload):
    """What a client sends to place an order."""

    item: NonBlank


class OrderPublic(SQLModel):
    """What its owner and Admins get of an order."""

    id: int
    user_id: int
    item: str
