"""The shapes of a product: what a client sends, and what it gets back."""

from pydantic import BaseModel, FiniteFloat


class ProductCreate(BaseModel):
    """What a client sends to create or replace a product."""

    name: str
    price: FiniteFloat


class Product(ProductCreate):
    """A product as it is stored and returned."""

    id: int
