"""The paths of the products, and the products themselves."""

from itertools import count
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Response, status

from .models import ErrorMessage, Product, ProductCreate, ProductUpdate

router = APIRouter(prefix="/products", tags=["products"])

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end

NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}}


def get_product(product_id: int) -> Product:
    """Return the product with this id, or answer 404."""
    product = products.get(product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product {product_id}.")
    return product


ProductDep = Annotated[Product, Depends(get_product)]


def update_product(product_id: int, change: ProductCreate | ProductUpdate) -> Product:
    """Store a changed copy of a product, or answer 404; who reads the old one meanwhile never sees half a change."""
    with lock:
        product = get_product(product_id).model_copy(update=change.model_dump())
        products[product_id] = product
    return product


@router.post("", status_code=status.HTTP_201_CREATED)
def create_product(new: ProductCreate, response: Response) -> Product:
    """Create a product; its id is never used again, and `Location` is its path."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    response.headers["Location"] = router.url_path_for("read_product", product_id=product.id)
    return product


@router.get("")
def list_products() -> list[Product]:
    """List all products, sorted by id."""
    return list(products.values())


@router.get("/{product_id}", responses=NOT_FOUND)
def read_product(product: ProductDep) -> Product:
    """Read one product."""
    return product


@router.put("/{product_id}", responses=NOT_FOUND)
def replace_product(product_id: int, new: ProductCreate) -> Product:
    """Replace one product; an optional field that is missing gets its default."""
    return update_product(product_id, new)


@router.patch("/{product_id}", responses=NOT_FOUND)
def change_product(product_id: int, change: ProductUpdate) -> Product:
    """Change the fields of one product that are sent; null clears its description."""
    return update_product(product_id, change)


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_product(product_id: int) -> None:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    with lock:
        get_product(product_id)
        del products[product_id]
