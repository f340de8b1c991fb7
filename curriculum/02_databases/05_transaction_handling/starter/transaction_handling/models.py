"""The shapes of the shop: what a client sends, and what it gets back. Nothing is left to do here."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StrictInt, WithJsonSchema
from sqlmodel import Field, SQLModel

from shared.text import NonBlank


def refuse_nul(text: str) -> str:
    """Refuse the one character that PostgreSQL cannot store."""
    if "\0" in text:
        raise ValueError("a text has no NUL character")
    return text


def refuse_string(amount: object) -> object:
    """Refuse an amount in quotes: pydantic would convert it to a number."""
    if isinstance(amount, str):
        raise ValueError("an amount is a number, not a string")
    return amount


def refuse_same_account(new: "TransferCreate") -> "TransferCreate":
    """Refuse a transfer from an account to itself."""
    if new.from_account_id == new.to_account_id:
        raise ValueError("the accounts of a transfer are different")
    return new


Name = Annotated[NonBlank, Field(max_length=80), AfterValidator(refuse_nul)]
Money = Annotated[
    Decimal,  # exact: with floats, 0.1 + 0.2 is 0.30000000000000004
    PlainSerializer(float, when_used="json"),  # or it would be a string in the response
    WithJsonSchema({"type": "number"}),  # for OpenAPI
]
OpeningBalance = Annotated[Money, Field(ge=0, le=1_000_000, decimal_places=2), BeforeValidator(refuse_string)]
Amount = Annotated[Money, Field(gt=0, le=1_000_000, decimal_places=2), BeforeValidator(refuse_string)]


class AccountCreate(SQLModel):
    """What a client sends to open an account."""

    owner: Name
    balance: OpeningBalance


class AccountPublic(SQLModel):
    """What a client gets of an account."""

    id: int
    owner: str
    balance: Money


class TransferBase(SQLModel):
    """What a client decides about a transfer."""

    from_account_id: StrictInt
    to_account_id: StrictInt
    amount: Amount


class TransferCreate(TransferBase):
    """What a client sends to move money."""


class TransferPublic(TransferBase):
    """What a client gets of a transfer."""

    id: int
    made_at: datetime


NewTransfer = Annotated[TransferCreate, AfterValidator(refuse_same_account)]


class AccountReport(SQLModel):
    """What the report says of an account."""

    id: int
    balance: Money
    booked: Money


class Report(SQLModel):
    """All accounts, as they were at one moment."""

    accounts: list[AccountReport]
    total: Money
