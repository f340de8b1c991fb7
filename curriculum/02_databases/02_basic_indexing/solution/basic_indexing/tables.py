"""The tables, and an index for each query."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, Index, SQLModel, text


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Customer(SQLModel, table=True):
    """Somebody who orders; a family may share an email."""

    __tablename__ = "customers"
    # The query compares `lower(email)`: an index on `email` holds other values.
    __table_args__ = (Index("customers_by_email", text("lower(email)")),)

    id: int | None = primary_key()
    name: str
    email: str


class Product(SQLModel, table=True):
    """Something to buy."""

    __tablename__ = "products"
    # A plain index is sorted by the rules of a language, and LIKE compares characters.
    __table_args__ = (Index("products_by_name", "name", postgresql_ops={"name": "text_pattern_ops"}),)

    id: int | None = primary_key()
    name: str
    price: Decimal


class Order(SQLModel, table=True):
    """What a customer has bought; it is open until it is shipped."""

    __tablename__ = "orders"
    __table_args__ = (
        # First the column that is compared, then those that sort: the rows of a page are neighbours in the index.
        Index("orders_of_customer", "customer_id", "placed_at", "id"),
        # Few orders are open: this index is small, and an order leaves it when it is shipped.
        Index("open_orders", "placed_at", "id", postgresql_where=text("status = 'open'")),
        Index("orders_by_time", "placed_at"),
    )

    id: int | None = primary_key()
    customer_id: int = Field(foreign_key="customers.id", ondelete="RESTRICT", sa_type=BigInteger)
    status: str
    placed_at: datetime
    total: Decimal
