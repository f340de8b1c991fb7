"""The shapes of what the shop receives and returns."""

from typing import Literal

from pydantic import BaseModel


class Product(BaseModel):
    """A product of the catalogue."""

    id: int
    name: str


class OrderCreate(BaseModel):
    """What a client sends to order a product."""

    product_id: int
    email: str


class Order(BaseModel):
    """An order that is paid."""

    id: int
    product_id: int


class ShippingCost(BaseModel):
    """What the carrier charges for a parcel."""

    country: str
    price: float


class Report(BaseModel):
    """The sales of a year."""

    year: int
    total: float


class RouteSummary(BaseModel):
    """What the requests of one method and route have cost until now."""

    method: str
    route: str
    requests: int
    p95_seconds: float
    total_seconds: float
    cpu_seconds: float


class Health(BaseModel):
    """What a monitor gets while the app runs."""

    status: Literal["ok"]
