"""What clients send and get."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Product(BaseModel):
    """A product, and how many of it there are."""

    id: int
    name: str
    stock: int


class OrderCreate(BaseModel):
    """What a client sends to order."""

    product_id: Annotated[int, Field(strict=True)]
    quantity: Annotated[int, Field(strict=True, ge=1, le=100)]


class Order(OrderCreate):
    """An order as it is returned."""

    id: int


class Delivery(BaseModel):
    """How long a parcel takes."""

    days: int


class Health(BaseModel):
    """What a monitor gets while the app runs."""

    status: Literal["ok"]
