"""The shapes of products and customers: what a client sends, and what it gets back.

Names, prices and stocks are finished. Still missing: all other fields and rules, and the query parameters.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from shared.text import NonBlank


def refuse_string(price: object) -> object:
    """Refuse a price in quotes: pydantic would convert it to a number."""
    if isinstance(price, str):
        raise ValueError("a price is a number, not a string")
    return price


Price = Annotated[
    Decimal,  # exact: with floats, 0.1 + 0.2 is 0.30000000000000004
    Field(ge=Decimal("0.01"), le=1_000_000, decimal_places=2),
    BeforeValidator(refuse_string),
    PlainSerializer(float, when_used="json"),  # or it would be a string in the response
    WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 1_000_000}),  # for OpenAPI
]

Name = Annotated[NonBlank, Field(max_length=80)]
Stock = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
"""A number of items; strict, so that `"5"`, `5.0` and `true` are refused and not converted."""


class ProductCreate(BaseModel):
    """What a client sends to create a product."""

    name: Name
    price: Price
    stock: Stock = 0


class Product(ProductCreate):
    """A product as it is stored and returned."""

    id: int


class CustomerCreate(BaseModel):
    """What a client sends to create a customer."""

    name: Name


class Customer(CustomerCreate):
    """A customer as it is stored and returned."""

    id: int
