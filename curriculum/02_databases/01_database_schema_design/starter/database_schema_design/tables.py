"""The tables. What PostgreSQL refuses, no bug, no script and no other program can store.

`Category` is finished; the other tables have no columns and no constraints yet, and two tables are missing.
The app's start creates the tables that are missing, and changes none that exists: after an edit, delete the folder
`postgresql-data`.
"""

from typing import Any

from sqlalchemy import BigInteger, Identity
from sqlmodel import Field, SQLModel


def primary_key() -> Any:
    """Return a key that PostgreSQL counts up, and that has room beyond 2,147,483,647 rows."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])


class Customer(SQLModel, table=True):
    """Somebody who orders."""

    __tablename__ = "customers"

    id: int | None = primary_key()


class Address(SQLModel, table=True):
    """Where a customer lives: one customer has many, and takes them along."""

    __tablename__ = "addresses"

    id: int | None = primary_key()


class Category(SQLModel, table=True):
    """A group of products."""

    __tablename__ = "categories"

    id: int | None = primary_key()
    name: str = Field(unique=True)  # not null, since the type is not `str | None`


class Product(SQLModel, table=True):
    """Something to buy, at its present price; it belongs to many categories."""

    __tablename__ = "products"

    id: int | None = primary_key()


class Order(SQLModel, table=True):
    """What a customer has bought at one time; as long as it exists, the customer stays."""

    __tablename__ = "orders"

    id: int | None = primary_key()
