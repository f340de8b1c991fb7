"""The shapes of a product and of a page: what a client sends, and what it gets back."""

from typing import Annotated

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


class PageQuery(BaseModel):
    """Which page a client asks for, and of which products: those whose name contains this text."""

    page: int = Field(default=1, ge=1)
    size: int = Field(default=20, ge=1, le=100)
    name: str = ""


class ProductPage(BaseModel):
    """One page of the products, and how many products and pages there are."""

    items: list[Product]
    page: int
    size: int
    total: int
    pages: int


class ErrorMessage(BaseModel):
    """What a client gets when there is no such product."""

    detail: str
