"""The rows of the reports. The tables are in `tables.py`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints
from sqlmodel import SQLModel

from shared.money import Money

SearchText = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""A text to look for; PostgreSQL knows none with a NUL character."""


class OrderRow(SQLModel):
    """An order, who placed it, what it costs and what was paid."""

    id: int
    customer_id: int
    customer_name: str
    placed_at: datetime
    total: Money
    paid: Money


class CustomerRow(SQLModel):
    """A customer, and what they ordered in a range of days."""

    id: int
    name: str
    phone: str | None
    orders: int
    spent: Money
    last_order_at: datetime | None


class InactiveCustomerRow(SQLModel):
    """A customer who has never ordered."""

    id: int
    name: str


class SupplierCategoryRow(SQLModel):
    """A category of a supplier's list, and ours of the same name."""

    name: str
    category_id: int | None


class StockRow(SQLModel):
    """A SKU in the books, in the count, or in both."""

    sku: str
    booked: int | None
    counted: int | None
    result: Literal["matched", "only booked", "only counted"]


class ProductRow(SQLModel):
    """A product, its tags, and how many were sold."""

    id: int
    sku: str
    name: str
    tags: list[str]
    sold: int
