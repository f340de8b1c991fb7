"""The paths of the products, and the products themselves.

`list_products` still returns all of them: the pages, the filter and the links are yours. The rest is finished.
"""

from itertools import count
from threading import Lock
from typing import Any

from fastapi import APIRouter, HTTPException, status

from .models import ErrorMessage, Product, ProductCreate

router = APIRouter(prefix="/products", tags=["products"])

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end

NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}}


@router.post("", status_code=status.HTTP_201_CREATED)
def create_product(new: ProductCreate) -> Product:
    """Create a product; its id is never used again."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    return product


@router.get("")
def list_products() -> list[Product]:
    """List all products, sorted by id."""
    return list(products.values())


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_product(product_id: int) -> None:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    with lock:
        if product_id not in products:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product {product_id}.")
        del products[product_id]
