"""The paths of the products, and the products themselves."""

from itertools import count
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status

from shared.problems import problem_responses

from ..models import Product, ProductCreate

router = APIRouter(prefix="/products", tags=["products"])

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end


def get_product(product_id: int) -> Product:
    """Return the product with this id, or answer 404."""
    product = products.get(product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product {product_id}.")
    return product


ProductDep = Annotated[Product, Depends(get_product)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT),
)
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


@router.get(
    "/{product_id}",
    responses=problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def read_product(product: ProductDep) -> Product:
    """Read one product."""
    return product
