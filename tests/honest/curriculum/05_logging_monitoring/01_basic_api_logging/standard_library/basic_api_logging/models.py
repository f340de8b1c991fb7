"""The shapes of what the shop gets and returns."""

from typing import Literal

from pydantic import BaseModel


class OrderBase(BaseModel):
    """What all shapes of an order have."""

    product: str
    quantity: int


class OrderCreate(OrderBase):
    """What a client sends to place an order."""

    email: str
    card_number: str


class OrderPublic(OrderBase):
    """An order as it is returned: without anything of the customer."""

    id: int


class Order(OrderCreate, OrderPublic):
    """An order as it is stored."""


class Import(BaseModel):
    """How many bytes of an import were read."""

    size: int


class Health(BaseModel):
    """What a monitor gets while the shop is open."""

    status: Literal["ok"]
