"""The shapes of the shop: what a client sends, and what it gets back. Nothing is left to do here."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    MISSING,
    AfterValidator,
    BeforeValidator,
    EmailStr,
    PlainSerializer,
    StrictInt,
    WithJsonSchema,
)
from sqlmodel import Field, SQLModel

from shared.text import NonBlank


def refuse_nul(text: str) -> str:
    """Refuse the one character that PostgreSQL cannot store."""
    if "\0" in text:
        raise ValueError("a text has no NUL character")
    return text


def refuse_string(price: object) -> object:
    """Refuse a price in quotes: pydantic would convert it to a number."""
    if isinstance(price, str):
        raise ValueError("a price is a number, not a string")
    return price


Name = Annotated[NonBlank, Field(max_length=80), AfterValidator(refuse_nul)]
Query = Annotated[str, AfterValidator(refuse_nul)]
Money = Annotated[
    Decimal,  # exact: with floats, 0.1 + 0.2 is 0.30000000000000004
    PlainSerializer(float, when_used="json"),  # or it would be a string in the response
    WithJsonSchema({"type": "number"}),  # for OpenAPI
]
Price = Annotated[Money, Field(ge=0, le=1_000_000, decimal_places=2), BeforeValidator(refuse_string)]


class CustomerBase(SQLModel):
    """What a client decides about a customer."""

    name: Name
    email: EmailStr


class CustomerCreate(CustomerBase):
    """What a client sends to create a customer, or to replace one."""


class CustomerUpdate(SQLModel):
    """What a client sends to change some fields of a customer."""

    name: Name | MISSING = MISSING
    email: EmailStr | MISSING = MISSING


class CustomerPublic(CustomerBase):
    """What a client gets of a customer."""

    id: int


class DeletedCustomer(CustomerPublic):
    """What staff get of a deleted customer."""

    deleted_at: datetime


class OrderBase(SQLModel):
    """What a client decides about an order."""

    customer_id: StrictInt
    item: Name
    price: Price


class OrderCreate(OrderBase):
    """What a client sends to place an order."""


class OrderPublic(OrderBase):
    """What a client gets of an order."""

    id: int
    placed_at: datetime
    price: Money


class Sales(SQLModel):
    """What one customer has bought."""

    customer_id: int
    name: str
    orders: int
    revenue: Money


class Report(SQLModel):
    """How the shop does."""

    customers: int
    orders: int
    sales: list[Sales]


class Purged(SQLModel):
    """How many rows a purge has removed for good."""

    customers: int
    orders: int
