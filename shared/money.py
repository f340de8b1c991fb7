"""The amounts of money that the shop's payloads share."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema


def refuse_string(amount: object) -> object:
    """Refuse an amount in quotes: pydantic would convert it to a number.

    Raises:
        ValueError: it is a string.
    """
    if isinstance(amount, str):
        raise ValueError("an amount of money is a number, not a string")
    return amount


Money = Annotated[
    Decimal,  # exact: with floats, 0.1 + 0.2 is 0.30000000000000004
    PlainSerializer(float, when_used="json"),  # or it would be a string in the response
    WithJsonSchema({"type": "number"}),  # for OpenAPI
]
"""An exact amount in the app, and a number in JSON."""
Price = Annotated[
    Money,
    Field(ge=Decimal("0.01"), le=1_000_000, decimal_places=2),
    BeforeValidator(refuse_string),
    WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 1_000_000}),
]
"""A number from 0.01 to 1,000,000 with at most two decimals, in the app and in JSON; c1.1 shows how it is made."""
