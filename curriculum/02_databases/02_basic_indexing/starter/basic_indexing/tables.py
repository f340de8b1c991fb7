"""The tables. A table that exists already gets no index by an edit here: see `database.py`."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, SQLModel


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Customer(SQLModel, table=True):
    """Somebody who orders; a family may share an email."""

    __tablename__ = "customers"

    id: int | None = primary_key()
    name: str
    email: str


class Product(SQLModel, table=True):
    """Something to buy."""

    __tablename__ = "products"

    id: int | None = primary_key()
    name: str
    price: Decimal


class Order(SQLModel, table=True):
    """What a customer has bought; it is open until it is shipped."""

    __tablename__ = "orders"

    id: int | None = primary_key()
    customer_id: int = Field(foreign_key="customers.id", ondelete="RESTRICT", sa_type=BigInteger, index=True)
    status: str
    placed_at: datetime
    total: Decimal
