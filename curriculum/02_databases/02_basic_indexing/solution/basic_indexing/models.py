"""The shapes of the shop: what a client sends, and what it gets back."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from sqlmodel import SQLModel

from shared.money import Money

Page = Annotated[int, Query(ge=1, le=1_000)]
SearchText = Annotated[str, Query(pattern=r"^[^\x00]+$")]  # PostgreSQL knows no text with a NUL character


class CustomerPublic(SQLModel):
    """What a client gets of a customer."""

    id: int
    name: str
    email: str


class ProductPublic(SQLModel):
    """What a client gets of a product."""

    id: int
    name: str
    price: Money


class OrderPublic(SQLModel):
    """What a client gets of an order."""

    id: int
    customer_id: int
    status: str
    placed_at: datetime
    total: Money


class Revenue(SQLModel):
    """What was ordered in some days."""

    orders: int
    revenue: Money
