"""The tables. They have no `deleted_at` yet.

The app's start creates the tables that are missing, and changes none that exists.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, Index, SQLModel, text

from shared.database import utc_now


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up, and that has room beyond 2,147,483,647 rows."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Customer(SQLModel, table=True):
    """Somebody who orders; no two have the same email."""

    __tablename__ = "customers"
    __table_args__ = (Index("customer_by_email", text("lower(email)"), unique=True),)

    id: int | None = primary_key()
    name: str
    email: str


class Order(SQLModel, table=True):
    """What a customer has bought at one time; as long as it exists, the customer stays."""

    __tablename__ = "orders"

    id: int | None = primary_key()
    customer_id: int = Field(foreign_key="customers.id", ondelete="RESTRICT", sa_type=BigInteger, index=True)
    item: str
    price: Decimal
    placed_at: datetime = Field(default_factory=utc_now)
