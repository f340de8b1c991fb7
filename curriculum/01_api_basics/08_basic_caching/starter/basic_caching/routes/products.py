"""The paths of the products, and the products themselves. All of it works; still missing: the cache."""

import asyncio
import logging
from itertools import count
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, status

from shared.problems import problem_responses

from ..models import Product, ProductCreate, ProductQuery, ProductUpdate
from ..settings import settings

logger = logging.getLogger(__name__)
router = APIRouter(
    prefix="/products",
    tags=["products"],
    responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT),
)

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end

NOT_FOUND = problem_responses(status.HTTP_404_NOT_FOUND)


def get_product(product_id: int) -> Product:
    """Return the product with this id, or answer 404."""
    product = products.get(product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product {product_id}.")
    return product


def update_product(product_id: int, change: ProductCreate | ProductUpdate) -> Product:
    """Store a changed copy of a product, or answer 404; who reads the old one meanwhile never sees half a change."""
    with lock:
        product = get_product(product_id).model_copy(update=change.model_dump())
        products[product_id] = product
    return product


async def query_products(wanted: ProductQuery) -> list[Product]:
    """Return the wanted products as they are when the query begins, or answer 404. It is slow."""
    logger.info("Slow query")
    found = list(products.values())
    if wanted.category is not None:
        found = [product for product in found if product.category == wanted.category]
    await asyncio.sleep(settings.slow_query_seconds)
    if wanted.category is not None and not found:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "This category has no product.")
    return sorted(found, key=lambda product: (getattr(product, wanted.sort), product.id))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_product(new: ProductCreate) -> Product:
    """Create a product; its id is never used again."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    return product


@router.get("", responses=NOT_FOUND)
async def list_products(wanted: Annotated[ProductQuery, Query()]) -> list[Product]:
    """List the products of one category, or all."""
    return await query_products(wanted)


@router.put("/{product_id}", responses=NOT_FOUND)
def replace_product(product_id: int, new: ProductCreate) -> Product:
    """Replace one product; an optional field that is missing gets its default."""
    return update_product(product_id, new)


@router.patch("/{product_id}", responses=NOT_FOUND)
def change_product(product_id: int, change: ProductUpdate) -> Product:
    """Change the fields of one product that are sent."""
    return update_product(product_id, change)


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_product(product_id: int) -> None:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    with lock:
        get_product(product_id)
        del products[product_id]
