"""The tables. Of each account, `balance` is the sum of its bookings."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, Relationship, SQLModel

from shared.database import utc_now


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up, and that has room beyond 2,147,483,647 rows."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Account(SQLModel, table=True):
    """Where somebody's credit is; one owner can have several."""

    __tablename__ = "accounts"

    id: int | None = primary_key()
    owner: str = Field(index=True)
    balance: Decimal


class Transfer(SQLModel, table=True):
    """Money that has moved from one account to another."""

    __tablename__ = "transfers"

    id: int | None = primary_key()
    from_account_id: int = Field(foreign_key="accounts.id", sa_type=BigInteger, index=True)
    to_account_id: int = Field(foreign_key="accounts.id", sa_type=BigInteger, index=True)
    amount: Decimal
    made_at: datetime = Field(default_factory=utc_now)
    idempotency_key: str | None = Field(default=None, unique=True)


class Booking(SQLModel, table=True):
    """One change of a balance: each transfer has two of them, and an opening balance is one without a transfer."""

    __tablename__ = "bookings"

    id: int | None = primary_key()
    account_id: int | None = Field(
        default=None,
        foreign_key="accounts.id",
        sa_type=BigInteger,
        index=True,
        nullable=False,
    )
    transfer_id: int | None = Field(default=None, foreign_key="transfers.id", sa_type=BigInteger, index=True)
    amount: Decimal

    account: Account = Relationship()
    transfer: Transfer | None = Relationship()
