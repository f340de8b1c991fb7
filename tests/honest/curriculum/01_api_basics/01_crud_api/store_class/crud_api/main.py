"""The API of the products: a catalogue with a lock, and prices that are floats of whole cents."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StrictFloat, StrictInt, StrictStr, field_validator

from .catalogue import Catalogue


def in_cents(price: float) -> float:
    """Refuse what is no whole number of cents."""
    if round(price, 2) != price:
        raise ValueError("a price has two decimals at most")
    return price


Text = Annotated[StrictStr, Field(pattern=r"\S")]
Name = Annotated[StrictStr, Field(pattern=r"\S", max_length=80)]
Price = Annotated[StrictInt | StrictFloat, Field(ge=0.01, le=1_000_000), AfterValidator(in_cents)]
Stock = Annotated[StrictInt, Field(ge=0, le=1_000_000)]


class NewProduct(BaseModel):
    """All that a client says of a product."""

    name: Name
    description: Text | None = None
    price: Price
    stock: Stock = 0


class Change(BaseModel):
    """Some of it."""

    name: Name | None = None
    description: Text | None = None
    price: Price | None = None
    stock: Stock | None = None

    @field_validator("name", "price", "stock", mode="before")
    @classmethod
    def refuse_null(cls, value: Any) -> Any:
        """Refuse null where it was sent; a default is not validated."""
        if value is None:
            raise ValueError("only the description may be null")
        return value


app = FastAPI()
catalogue = Catalogue()


async def known_id(number: int) -> int:
    """Answer 404 unless there is such a product; it may be gone when it is used."""
    if number not in catalogue:
        raise HTTPException(404)
    return number


Number = Annotated[int, Depends(known_id)]


@app.exception_handler(KeyError)
async def answer_gone(_request: Request, _error: Exception) -> Response:
    """Answer for a product that is gone."""
    return Response(status_code=404)


@app.post("/products", status_code=201)
def create(new: NewProduct, response: Response) -> dict[str, Any]:
    """Create a product."""
    product = catalogue.add(new.model_dump())
    response.headers["Location"] = f"products/{product['id']}"
    return product


@app.get("/products")
def show_all() -> list[dict[str, Any]]:
    """List all products."""
    return catalogue.all()


@app.get("/products/{number}")
def show(number: int) -> dict[str, Any]:
    """Read one product."""
    return catalogue[number]


@app.put("/products/{number}")
def replace(number: Number, new: NewProduct) -> dict[str, Any]:
    """Replace one product."""
    return catalogue.update(number, new.model_dump())


@app.patch("/products/{number}")
def change(number: Number, change: Change) -> dict[str, Any]:
    """Change one product."""
    return catalogue.update(number, change.model_dump(exclude_unset=True))


@app.delete("/products/{number}", status_code=204)
def delete(number: int) -> None:
    """Delete one product."""
    catalogue.remove(number)
