"""The shapes of a user: what a client sends, what is stored, and what a client gets back.

Still missing: which characters a `Username` and a `Password` may not contain, and what a `User` keeps of a password.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from shared.text import NonBlank

Username = Annotated[NonBlank, Field(max_length=80)]
Password = Annotated[NonBlank, Field(min_length=8, max_length=128)]


class UserBase(BaseModel):
    """What all shapes of a user have."""

    username: Username


class UserCreate(UserBase):
    """What a client sends to register."""

    password: Password = Field(repr=False)  # so that it never gets into a log by accident


class UserPublic(UserBase):
    """A user as it is returned: without anything of the password."""


class User(UserPublic):
    """A user as it is stored."""


class Health(BaseModel):
    """What a monitor gets while the app runs."""

    status: Literal["ok"]
