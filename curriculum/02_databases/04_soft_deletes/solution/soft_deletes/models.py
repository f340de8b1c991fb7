"""The shapes of the shop: what a client sends, and what it gets back."""

from datetime import datetime
from typing import Annotated

from pydantic import (
    MISSING,
    AfterValidator,
    BeforeValidator,
    EmailStr,
    StrictInt,
)
from sqlmodel import Field, SQLModel

from shared.money import Money, refuse_string
from shared.text import NonBlank, refuse_nul

Name = Annotated[NonBlank, Field(max_length=80), AfterValidator(refuse_nul)]
Query = Annotated[str, AfterValidator(refuse_nul)]
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
