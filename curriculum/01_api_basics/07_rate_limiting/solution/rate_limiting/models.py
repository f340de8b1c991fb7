"""The shapes of a product: what a client sends, and what it gets back."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from shared.money import Price
from shared.text import NonBlank

ProductName = Annotated[NonBlank, Field(max_length=80)]
Stock = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""A number of items; strict, so that `"5"`, `5.0` and `true` are refused and not converted."""


class ProductCreate(BaseModel):
    """What a client sends to create a product: a field that is missing gets its default."""

    name: ProductName
    description: NonBlank | None = None
    price: Price
    stock: Stock = 0


class Product(ProductCreate):
    """A product as it is stored and returned."""

    id: int


class Health(BaseModel):
    """What a monitor gets while the app runs."""

    status: Literal["ok"]
