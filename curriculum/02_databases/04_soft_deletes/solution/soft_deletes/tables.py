"""The tables. A deleted row stays in its table, with the moment of its deletion."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, Index, SQLModel, text

from shared.database import utc_now


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up, and that has room beyond 2,147,483,647 rows."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class SoftDelete(SQLModel):
    """What a table needs so that its rows can be deleted and restored; null: the row is alive."""

    deleted_at: datetime | None = None


class Customer(SoftDelete, table=True):
    """Somebody who orders. Of the living, no two have the same email."""

    __tablename__ = "customers"
    __table_args__ = (
        Index(
            "living_customer_by_email",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: int | None = primary_key()
    name: str
    email: str


class Order(SoftDelete, table=True):
    """What a customer has bought at one time; the foreign key knows nothing of soft deletes."""

    __tablename__ = "orders"

    id: int | None = primary_key()
    customer_id: int = Field(foreign_key="customers.id", ondelete="RESTRICT", sa_type=BigInteger, index=True)
    item: str
    price: Decimal
    placed_at: datetime = Field(default_factory=utc_now)
