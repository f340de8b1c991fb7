"""The paths of the products, and the products themselves."""

from itertools import count
from math import ceil
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response, status
from starlette.datastructures import URL

from .models import ErrorMessage, PageQuery, Product, ProductCreate, ProductPage

router = APIRouter(prefix="/products", tags=["products"])

products: dict[int, Product] = {}
product_ids = count(start=1)
lock = Lock()  # held by each request that changes `products`, from its first look at them to the end

NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": ErrorMessage}}


def link_pages(url: URL, page: int, pages: int) -> str:
    """Return links from one page to the others (RFC 8288); all query parameters but `page` stay as they are."""
    numbers = {"first": 1, "prev": min(page - 1, pages), "next": page + 1, "last": pages}
    return ", ".join(
        f'<{url.path}?{url.include_query_params(page=number).query}>; rel="{relation}"'
        for relation, number in numbers.items()
        if 1 <= number <= pages
    )


@router.post("", status_code=status.HTTP_201_CREATED)
def create_product(new: ProductCreate) -> Product:
    """Create a product; its id is never used again."""
    with lock:
        product = Product(id=next(product_ids), **new.model_dump())
        products[product.id] = product
    return product


@router.get("")
def list_products(wanted: Annotated[PageQuery, Query()], request: Request, response: Response) -> ProductPage:
    """Return one page of the products, sorted by id; `Link` leads to the others."""
    text = wanted.name.lower()
    found = [product for product in list(products.values()) if text in product.name.lower()]
    pages = ceil(len(found) / wanted.size)
    if pages:
        response.headers["Link"] = link_pages(request.url, wanted.page, pages)
    start = (wanted.page - 1) * wanted.size
    return ProductPage(
        items=found[start : start + wanted.size],
        page=wanted.page,
        size=wanted.size,
        total=len(found),
        pages=pages,
    )


@router.delete("/{product_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_product(product_id: int) -> None:
    """Delete one product; of several requests at the same time, one deletes it and the others get 404."""
    with lock:
        if product_id not in products:
            raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no product {product_id}.")
        del products[product_id]
