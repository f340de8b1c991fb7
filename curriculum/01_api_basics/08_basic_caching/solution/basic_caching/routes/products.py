"""The paths of the products, and the products themselves."""

import asyncio
import logging
from functools import partial
from hashlib import sha256
from itertools import count
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Response, status
from pydantic import TypeAdapter

from shared.problems import problem_responses

from ..cache import cache
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

PRODUCT_LIST = TypeAdapter(list[Product])
NOT_FOUND = problem_responses(status.HTTP_404_NOT_FOUND)
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    status.HTTP_304_NOT_MODIFIED: {"description": "The client has this list already"}
}


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
        raise HTTPException(
            status.HTTP_404_NOT_FOUND, "This category has no product.", {"Cache-Control": "no-store"}
        )
    return sorted(found, key=lambda product: (getattr(product, wanted.sort), product.id))


async def query_json(wanted: ProductQuery) -> bytes:
    """Return the wanted products as a response body."""
    return PRODUCT_LIST.dump_json(await query_products(wanted))


def is_known(etag: str, if_none_match: str) -> bool:
    """Return whether a client has the response with this ETag (RFC 9110, section 13.1.2).

    The header is a list. Its tags may begin with `W/`, which does not matter, and none has quotes inside.
    """
    return etag in if_none_match or if_none_match.strip() == "*"


@router.post("", status_code=status.HTTP_201_CREATED)
def create_product(new: ProductCreate) -> Product:
    """Create a product; its id is never used again."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    cache.clear()
    return product


@router.get("", response_model=list[Product], responses=NOT_FOUND | NOT_MODIFIED)
async def list_products(
    wanted: Annotated[ProductQuery, Query()], if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """List the products of one category, or all; a client that has the list already gets 304."""
    found = await cache.get(wanted.model_dump_json(), partial(query_json, wanted))
    headers = {
        "Cache-Control": f"public, max-age={int(found.seconds)}",
        "Cache-Status": f"shop; {found.status}",
        "ETag": f'"{sha256(found.body).hexdigest()}"',
    }
    if is_known(headers["ETag"], if_none_match):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(found.body, headers=headers, media_type="application/json")


@router.put("/{product_id}", responses=NOT_FOUND)
def replace_product(product_id: int, new: ProductCreate) -> Product:
    """Replace one product; an optional field that is missing gets its default."""
    product = update_product(product_id, new)
    cache.clear()
    return product


@router.patch("/{product_id}", responses=NOT_FOUND)
def change_product(product_id: int, change: ProductUpdate) -> Product:
    """Change the fields of one product that are sent."""
    product = update_product(product_id, change)
    cache.clear()
    return product


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_product(product_id: int) -> None:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    with lock:
        get_product(product_id)
        del products[product_id]
    cache.clear()
