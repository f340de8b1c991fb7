"""What clients send and get."""

from typing import Annotated

from pydantic import BaseModel, Field


class Product(BaseModel):
    """A product; its description is the supplier's, and is HTML."""

    id: int
    name: str
    description: str


class OrderCreate(BaseModel):
    """What a client sends to order."""

    product_id: Annotated[int, Field(strict=True)]
    quantity: Annotated[int, Field(strict=True, ge=1, le=100)]


class Order(OrderCreate):
    """An order as it is returned."""

    id: int
