"""The shapes of what the shop gets and returns."""

from pydantic import BaseModel


class Product(BaseModel):
    """A product as it is returned."""

    id: int
    name: str


class OrderCreate(BaseModel):
    """What a client sends to place an order."""

    product_id: int
    quantity: int


class Order(OrderCreate):
    """An order as it is stored and returned."""

    id: int


class ProductImport(BaseModel):
    """What a supplier sends: the names of new products."""

    names: list[str]


class Imported(BaseModel):
    """How many products were imported."""

    imported: int


class Offer(BaseModel):
    """What a supplier asks for a product."""

    supplier: str
    cents: int
