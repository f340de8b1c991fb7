"""The shapes of the shop: what a client sends, and what it gets back. Nothing is left to do here.

The tables are in `tables.py`; a response reads the attributes of their rows, such as `categories` of a product.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    EmailStr,
    StrictInt,
    computed_field,
)
from sqlmodel import Field, SQLModel

from shared.money import Money, refuse_string
from shared.text import NonBlank, refuse_nul


def refuse_repeated_ids(category_ids: list[int]) -> list[int]:
    """Refuse a category that is named twice."""
    if len(set(category_ids)) < len(category_ids):
        raise ValueError("a category is named twice")
    return category_ids


def refuse_repeated_products(lines: list["OrderLineCreate"]) -> list["OrderLineCreate"]:
    """Refuse a product that is ordered in two lines."""
    if len({line.product_id for line in lines}) < len(lines):
        raise ValueError("a product has two lines")
    return lines


Name = Annotated[NonBlank, Field(max_length=80), AfterValidator(refuse_nul)]
Price = Annotated[Money, Field(ge=0, le=1_000_000, decimal_places=2), BeforeValidator(refuse_string)]
Quantity = Annotated[StrictInt, Field(ge=1, le=1_000)]


class CustomerBase(SQLModel):
    """What a client decides about a customer."""

    name: Name
    email: EmailStr


class CustomerCreate(CustomerBase):
    """What a client sends to create a customer."""


class CustomerPublic(CustomerBase):
    """What a client gets of a customer."""

    id: int


class AddressBase(SQLModel):
    """What a client decides about an address."""

    street: Name
    city: Name


class AddressCreate(AddressBase):
    """What a client sends to add an address to a customer."""


class AddressPublic(AddressBase):
    """What a client gets of an address."""

    id: int
    customer_id: int


class CategoryBase(SQLModel):
    """What a client decides about a category."""

    name: Name


class CategoryCreate(CategoryBase):
    """What a client sends to create a category."""


class CategoryPublic(CategoryBase):
    """What a client gets of a category."""

    id: int


class ProductBase(SQLModel):
    """What a client decides about a product itself."""

    name: Name
    price: Price


class ProductCreate(ProductBase):
    """What a client sends to create a product."""

    category_ids: Annotated[list[StrictInt], AfterValidator(refuse_repeated_ids)] = []


class ProductPublic(ProductBase):
    """What a client gets of a product."""

    id: int
    categories: list[CategoryPublic]


class OrderLineCreate(SQLModel):
    """What a client sends to order a product."""

    product_id: StrictInt
    quantity: Quantity


class OrderCreate(SQLModel):
    """What a client sends to place an order."""

    customer_id: StrictInt
    lines: Annotated[
        list[OrderLineCreate],
        Field(min_length=1),
        AfterValidator(refuse_repeated_products),
    ]


class OrderLinePublic(SQLModel):
    """What a client gets of a line of an order."""

    product_id: int
    quantity: int
    unit_price: Money


class OrderPublic(SQLModel):
    """What a client gets of an order."""

    id: int
    customer_id: int
    placed_at: datetime
    lines: list[OrderLinePublic]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> Money:
        """Return what the order costs."""
        return sum((line.quantity * line.unit_price for line in self.lines), Decimal(0))
