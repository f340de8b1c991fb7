"""The shapes of a product and of the envelopes: what a client sends, and what it gets back."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import MISSING, BaseModel, ConfigDict, Field

from shared.money import Price
from shared.text import NonBlank

Data = TypeVar("Data")


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


class FieldError(BaseModel):
    """What is wrong with one field."""

    place: Literal["body", "path"] = Field(serialization_alias="in")
    field: str | None  # its name; null: the body as a whole
    reason: str


class ErrorInfo(BaseModel):
    """What went wrong: a code for programs, and a message for people."""

    code: str
    message: str
    fields: list[FieldError] | MISSING = MISSING


class Envelope(BaseModel):
    """What all responses have in common: `status` is in each of them, so OpenAPI says that it is required."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class Success(Envelope, Generic[Data]):
    """What a client gets if its request succeeded."""

    status: Literal["success"] = "success"
    data: Data


class Failure(Envelope):
    """What a client gets if its request failed."""

    status: Literal["error"] = "error"
    error: ErrorInfo
