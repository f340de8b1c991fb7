"""The shapes of a product: what a client sends, and what it gets back."""

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


class ProductCreate(BaseModel):
    """What a client sends to create or replace a product."""

    name: NonBlank
    price: Price


class Product(ProductCreate):
    """A product as it is stored and returned."""

    id: int
