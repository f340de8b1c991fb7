"""The tables. What PostgreSQL refuses, no bug, no script and no other program can store."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity
from sqlmodel import Field, Index, Relationship, SQLModel, text

from shared.database import utc_now


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up, and that has room beyond 2,147,483,647 rows."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Customer(SQLModel, table=True):
    """Somebody who orders."""

    __tablename__ = "customers"
    __table_args__ = (Index("customer_by_email", text("lower(email)"), unique=True),)

    id: int | None = primary_key()
    name: str
    email: str


class Address(SQLModel, table=True):
    """Where a customer lives: one customer has many, and takes them along."""

    __tablename__ = "addresses"

    id: int | None = primary_key()
    customer_id: int = Field(foreign_key="customers.id", ondelete="CASCADE", sa_type=BigInteger, index=True)
    street: str
    city: str


class ProductCategory(SQLModel, table=True):
    """That a product belongs to a category: either has many of the other.

    The primary key is an index by product; the other direction needs one of its own.
    """

    __tablename__ = "product_categories"

    product_id: int = Field(
        primary_key=True, foreign_key="products.id", ondelete="CASCADE", sa_type=BigInteger
    )
    category_id: int = Field(
        primary_key=True, foreign_key="categories.id", ondelete="CASCADE", sa_type=BigInteger, index=True
    )


class Category(SQLModel, table=True):
    """A group of products."""

    __tablename__ = "categories"

    id: int | None = primary_key()
    name: str = Field(unique=True)


class Product(SQLModel, table=True):
    """Something to buy, at its present price."""

    __tablename__ = "products"
    __table_args__ = (CheckConstraint("price >= 0"),)

    id: int | None = primary_key()
    name: str
    price: Decimal  # numeric: exact

    categories: list[Category] = Relationship(link_model=ProductCategory)


class Order(SQLModel, table=True):
    """What a customer has bought at one time; as long as it exists, the customer stays."""

    __tablename__ = "orders"

    id: int | None = primary_key()
    customer_id: int = Field(foreign_key="customers.id", ondelete="RESTRICT", sa_type=BigInteger, index=True)
    placed_at: datetime = Field(default_factory=utc_now)

    lines: list["OrderLine"] = Relationship(
        sa_relationship_kwargs={"order_by": "OrderLine.product_id", "lazy": "selectin"}
    )


class OrderLine(SQLModel, table=True):
    """One product of an order, at the price that it had then: `products.price` may change, this stays."""

    __tablename__ = "order_lines"
    __table_args__ = (CheckConstraint("quantity > 0"), CheckConstraint("unit_price >= 0"))

    order_id: int | None = Field(
        default=None, primary_key=True, foreign_key="orders.id", ondelete="CASCADE", sa_type=BigInteger
    )
    product_id: int = Field(
        primary_key=True, foreign_key="products.id", ondelete="RESTRICT", sa_type=BigInteger, index=True
    )
    quantity: int
    unit_price: Decimal
