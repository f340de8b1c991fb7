"""The shapes of the shop: what a client sends, and what it gets back. Nothing is left to do here."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StrictInt
from sqlmodel import Field, SQLModel

from shared.money import Money, refuse_string
from shared.text import NonBlank, refuse_nul


def refuse_same_account(new: "TransferCreate") -> "TransferCreate":
    """Refuse a transfer from an account to itself."""
    if new.from_account_id == new.to_account_id:
        raise ValueError("the accounts of a transfer are different")
    return new


Name = Annotated[NonBlank, Field(max_length=80), AfterValidator(refuse_nul)]
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
