"""The shapes of products and accounts: what a client sends, and what it gets back."""

from typing import Annotated, Literal

from pydantic import MISSING, BaseModel, Field

from shared.money import Price
from shared.text import NonBlank

ProductName = Annotated[NonBlank, Field(max_length=80)]
Category = Annotated[NonBlank, Field(max_length=80)]
Stock = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""A number of items; strict, so that `"5"`, `5.0` and `true` are refused and not converted."""


class ProductCreate(BaseModel):
    """What a client sends to create or replace a product: a field that is missing gets its default."""

    name: ProductName
    category: Category
    price: Price
    stock: Stock = 0


class ProductUpdate(BaseModel):
    """What a client sends to change a product: a field that is missing keeps its value."""

    name: ProductName | MISSING = MISSING
    category: Category | MISSING = MISSING
    price: Price | MISSING = MISSING
    stock: Stock | MISSING = MISSING


class Product(ProductCreate):
    """A product as it is stored and returned."""

    id: int


class ProductQuery(BaseModel):
    """Which products a client asks for, and in which order."""

    category: Category | None = None
    sort: Literal["id", "price"] = "id"


class Account(BaseModel):
    """What customers see of themselves."""

    user: str
