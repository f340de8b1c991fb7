"""The shapes of products and customers: what a client sends, and what it gets back."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from shared.text import NonBlank


def refuse_string(price: object) -> object:
    """Refuse a price in quotes: pydantic would convert it to a number."""
    if isinstance(price, str):
        raise ValueError("a price is a number, not a string")
    return price


def refuse_other_spellings(day: object) -> object:
    """Refuse a day that is not written as ISO 8601 says: pydantic would take 1924905600 for a day as well."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", str(day)):
        raise ValueError("a day is a string such as 2031-05-17")
    return day


def refuse_repetition(tags: list[str]) -> list[str]:
    """Refuse a list in which a tag occurs twice."""
    if len(set(tags)) < len(tags):
        raise ValueError("a tag is repeated")
    return tags


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
Sku = Annotated[str, Field(pattern="^[A-Z]{3}-[0-9]{4}$")]
Tag = Annotated[NonBlank, Field(max_length=30)]
Tags = Annotated[list[Tag], Field(max_length=10), AfterValidator(refuse_repetition)]
Day = Annotated[date, BeforeValidator(refuse_other_spellings)]
Age = Annotated[int, Field(strict=True, gt=18)]
PriceLimit = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class Payload(BaseModel):
    """What a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Supplier(Payload):
    """Who delivers a product."""

    name: Name
    email: EmailStr


class ProductCreate(Payload):
    """What a client sends to create a product."""

    name: Name
    price: Price
    sku: Sku
    stock: Stock = 0
    tags: Tags = []
    sale_price: Price | None = None
    available_from: Day | None = None
    available_until: Day | None = None
    supplier: Supplier | None = None

    # A rule over two fields belongs to the second one. It runs if that one is valid by itself, and `info.data` holds
    # the first one if it is valid, too. A model validator would run only if all fields are valid.

    @field_validator("sale_price")
    @classmethod
    def check_sale_price(cls, sale_price: Decimal | None, info: ValidationInfo) -> Decimal | None:
        """Refuse a sale price that is not below the price."""
        price = info.data.get("price")
        if sale_price is not None and price is not None and sale_price >= price:
            raise ValueError("the sale price is not below the price")
        return sale_price

    @field_validator("available_until")
    @classmethod
    def check_available_until(cls, until: date | None, info: ValidationInfo) -> date | None:
        """Refuse a last day that is not after the first one."""
        start = info.data.get("available_from")
        if until is not None and start is not None and until <= start:
            raise ValueError("the last day is not after the first one")
        return until


class Product(ProductCreate):
    """A product as it is stored and returned."""

    id: int


class PriceRange(Payload):
    """The query parameters that choose products by their price; both ends belong to the range."""

    min_price: PriceLimit = Decimal(0)
    max_price: PriceLimit = Decimal(1_000_000)

    @field_validator("max_price")
    @classmethod
    def check_max_price(cls, max_price: Decimal, info: ValidationInfo) -> Decimal:
        """Refuse a range that ends before it begins."""
        min_price = info.data.get("min_price")
        if min_price is not None and max_price < min_price:
            raise ValueError("the highest price is below the lowest one")
        return max_price


class CustomerCreate(Payload):
    """What a client sends to create a customer."""

    name: Name
    email: EmailStr
    age: Age


class Customer(CustomerCreate):
    """A customer as it is stored and returned."""

    id: int
