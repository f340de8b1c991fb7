"""The paths of the products, and the products themselves.

The function bodies are yours: each answers 501 until you write it.
"""

from itertools import count
from threading import Lock
from typing import Any

from fastapi import APIRouter, HTTPException, status

from .models import ErrorMessage, Product, ProductCreate

router = APIRouter(prefix="/products", tags=["products"])

products: dict[int, Product] = {}
product_ids = count(start=1)  # next(product_ids) returns 1, then 2, then 3 …
lock = Lock()  # `with lock:` lets one request at a time in, so that no other one changes `products` meanwhile

NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}}


@router.post("", status_code=status.HTTP_201_CREATED)
def create_product(new: ProductCreate) -> Product:
    """Create a product; its id is never used again, and `Location` is its path."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("")
def list_products() -> list[Product]:
    """List all products, sorted by id."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("/{product_id}", responses=NOT_FOUND)
def read_product(product_id: int) -> Product:
    """Read one product."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.put("/{product_id}", responses=NOT_FOUND)
def replace_product(product_id: int, new: ProductCreate) -> Product:
    """Replace one product; an optional field that is missing gets its default."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.patch("/{product_id}", responses=NOT_FOUND)
def change_product(product_id: int) -> Product:  # add the payload: a shape that you write in models.py
    """Change the fields of one product that are sent; null clears its description."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_product(product_id: int) -> None:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)
