"""What clients send and get."""

from pydantic import BaseModel


class Product(BaseModel):
    """A product; its description is the supplier's, and is HTML."""

    id: int
    name: str
    description: str


class OrderCreate(BaseModel):
    """What a client sends to order."""

    product_id: int
    quantity: int


class Order(OrderCreate):
    """An order as it is returned."""

    id: int
