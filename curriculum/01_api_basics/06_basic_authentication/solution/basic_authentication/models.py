"""The shapes of a user: what a client sends, what is stored, and what a client gets back."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from shared.text import NonBlank


def refuse_control_characters(text: str) -> str:
    """Refuse what RFC 7617 allows in neither a user name nor a password."""
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("a control character is not allowed")
    return text


def refuse_colon(username: str) -> str:
    """Refuse a user name with a colon: in HTTP Basic, the first colon ends the name."""
    if ":" in username:
        raise ValueError("a colon is not allowed")
    return username


Username = Annotated[
    NonBlank, Field(max_length=80), AfterValidator(refuse_control_characters), AfterValidator(refuse_colon)
]
Password = Annotated[NonBlank, Field(min_length=8, max_length=128), AfterValidator(refuse_control_characters)]


class UserBase(BaseModel):
    """What all shapes of a user have."""

    username: Username


class UserCreate(UserBase):
    """What a client sends to register."""

    password: Password = Field(repr=False)  # so that it never gets into a log by accident


class UserPublic(UserBase):
    """A user as it is returned: without anything of the password."""


class User(UserPublic):
    """A user as it is stored: with a hash, from which nobody gets the password back."""

    password_hash: str = Field(repr=False)


class Health(BaseModel):
    """What a monitor gets while the app runs."""

    status: Literal["ok"]
