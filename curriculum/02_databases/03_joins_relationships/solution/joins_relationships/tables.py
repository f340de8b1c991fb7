"""The tables. `profiles`, `payments`, `tags` and `product_tags` show the three kinds of relationships."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, SQLModel

from shared.database import utc_now


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Customer(SQLModel, table=True):
    """Somebody who may order."""

    __tablename__ = "customers"

    id: int | None = primary_key()
    name: str


class Product(SQLModel, table=True):
    """Something to buy, and how many the books say are in stock."""

    __tablename__ = "products"

    id: int | None = primary_key()
    sku: str = Field(unique=True)
    name: str
    stock: int


class Order(SQLModel, table=True):
    """What somebody bought at one time; a guest's order has no customer."""

    __tablename__ = "orders"

    id: int | None = primary_key()
    customer_id: int | None = Field(foreign_key="customers.id", sa_type=BigInteger, index=True)
    placed_at: datetime = Field(default_factory=utc_now)


class OrderLine(SQLModel, table=True):
    """One product of an order."""

    __tablename__ = "order_lines"

    order_id: int = Field(primary_key=True, foreign_key="orders.id", sa_type=BigInteger)
    product_id: int = Field(primary_key=True, foreign_key="products.id", sa_type=BigInteger, index=True)
    quantity: int
    unit_price: Decimal


class Category(SQLModel, table=True):
    """A group of products, as the shop names it."""

    __tablename__ = "categories"

    id: int | None = primary_key()
    name: str = Field(unique=True)


class SupplierCategory(SQLModel, table=True):
    """A group of products, as a supplier's list names it."""

    __tablename__ = "supplier_categories"

    supplier: str = Field(primary_key=True)
    name: str = Field(primary_key=True)


class StockCount(SQLModel, table=True):
    """How many of a SKU somebody counted on one shelf; the books may not know it."""

    __tablename__ = "stock_counts"

    id: int | None = primary_key()
    sku: str
    quantity: int


class Profile(SQLModel, table=True):
    """One to one: the foreign key is the primary key, so a customer has one profile at most."""

    __tablename__ = "profiles"

    customer_id: int = Field(primary_key=True, foreign_key="customers.id", sa_type=BigInteger)
    phone: str


class Payment(SQLModel, table=True):
    """One to many: an order may be paid in parts."""

    __tablename__ = "payments"

    id: int | None = primary_key()
    order_id: int = Field(foreign_key="orders.id", sa_type=BigInteger, index=True)
    amount: Decimal


class Tag(SQLModel, table=True):
    """A word that describes products."""

    __tablename__ = "tags"

    id: int | None = primary_key()
    name: str = Field(unique=True)


class ProductTag(SQLModel, table=True):
    """Many to many: one row for each pair."""

    __tablename__ = "product_tags"

    product_id: int = Field(primary_key=True, foreign_key="products.id", sa_type=BigInteger)
    tag_id: int = Field(primary_key=True, foreign_key="tags.id", sa_type=BigInteger, index=True)
