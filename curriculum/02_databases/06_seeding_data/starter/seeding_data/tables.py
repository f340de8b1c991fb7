"""The tables. Nothing is left to do here.

The unique columns are natural keys: by them a seed knows a row, whatever its id is.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity
from sqlmodel import Field, Index, SQLModel, text


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Category(SQLModel, table=True):
    """A group of products."""

    __tablename__ = "categories"

    id: int | None = primary_key()
    slug: str = Field(unique=True)
    name: str


class Product(SQLModel, table=True):
    """Something to buy, at its present price."""

    __tablename__ = "products"
    __table_args__ = (CheckConstraint("price >= 0"),)

    id: int | None = primary_key()
    category_id: int = Field(foreign_key="categories.id", ondelete="RESTRICT", sa_type=BigInteger, index=True)
    sku: str = Field(unique=True)
    name: str
    price: Decimal


class Customer(SQLModel, table=True):
    """Somebody who orders."""

    __tablename__ = "customers"
    __table_args__ = (Index("customer_by_email", text("lower(email)"), unique=True),)

    id: int | None = primary_key()
    name: str
    email: str


class Order(SQLModel, table=True):
    """What a customer has bought at one time."""

    __tablename__ = "orders"

    id: int | None = primary_key()
    customer_id: int = Field(foreign_key="customers.id", ondelete="RESTRICT", sa_type=BigInteger, index=True)
    placed_at: datetime


class OrderLine(SQLModel, table=True):
    """One product of an order, at the price that it had then."""

    __tablename__ = "order_lines"
    __table_args__ = (CheckConstraint("quantity > 0"), CheckConstraint("unit_price >= 0"))

    order_id: int = Field(primary_key=True, foreign_key="orders.id", ondelete="CASCADE", sa_type=BigInteger)
    product_id: int = Field(
        primary_key=True, foreign_key="products.id", ondelete="RESTRICT", sa_type=BigInteger, index=True
    )
    quantity: int
    unit_price: Decimal
