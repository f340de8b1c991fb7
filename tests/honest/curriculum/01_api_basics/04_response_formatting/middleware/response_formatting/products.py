"""What the shop sells."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StrictFloat, StrictInt, StrictStr


def in_cents(price: float) -> float:
    """Refuse what is no whole number of cents."""
    if round(price, 2) != price:
        raise ValueError("a price has two decimals at most")
    return price


Text = Annotated[StrictStr, Field(pattern=r"\S")]


class NewProduct(BaseModel):
    """All that a client says of a product."""

    name: Annotated[StrictStr, Field(pattern=r"\S", max_length=80)]
    description: Text | None = None
    price: Annotated[StrictFloat, Field(ge=0.01, le=1_000_000, allow_inf_nan=False), AfterValidator(in_cents)]
    stock: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 0


@dataclass
class Product:
    """A product, with its number."""

    id: int
    name: str
    description: str | None
    price: float
    stock: int


class Catalogue:
    """All products, in the order of their ids; all of it runs in the event loop."""

    def __init__(self) -> None:
        self._products: list[Product] = []
        self._last = 0

    def all(self) -> list[Product]:
        """Give all products."""
        return list(self._products)

    def find(self, product_id: int) -> Product | None:
        """Give one product, if it is there."""
        return next((product for product in self._products if product.id == product_id), None)

    def add(self, new: NewProduct) -> Product:
        """Take a product in."""
        self._last += 1
        self._products.append(Product(id=self._last, **new.model_dump()))
        return self._products[-1]

    def remove(self, product_id: int) -> None:
        """Drop a product."""
        self._products = [product for product in self._products if product.id != product_id]
