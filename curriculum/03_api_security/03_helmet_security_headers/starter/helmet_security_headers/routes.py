"""The shop's paths. Nothing is left to do here."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.responses import HTMLResponse, RedirectResponse

from shared.problems import problem_responses

from . import shop
from .models import Order, OrderCreate, Product
from .pages import EMBED, make_product_page

router = APIRouter(tags=["shop"])
NOT_THERE = problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT)


def get_product(product_id: int) -> Product:
    """Return the product that the path names.

    Raises:
        HTTPException: there is none, so the answer is 404.
    """
    product = shop.products.get(product_id)
    if product is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such product.")
    return product


ProductDep = Annotated[Product, Depends(get_product)]


@router.get("/products")
def list_products() -> list[Product]:
    """List all products, by id."""
    return list(shop.products.values())


@router.get("/products/{product_id}", responses=NOT_THERE)
def read_product(product: ProductDep) -> Product:
    """Read one product."""
    return product


@router.get("/products/{product_id}/page", response_class=HTMLResponse, responses=NOT_THERE)
def read_product_page(product: ProductDep) -> str:
    """Show one product as a page."""
    return make_product_page(product)


@router.get(
    "/p/{product_id}",
    status_code=status.HTTP_307_TEMPORARY_REDIRECT,
    response_class=RedirectResponse,
    responses=NOT_THERE,
)
def follow_short_link(product: ProductDep) -> str:
    """Go to the page of a product; this path is on the price tags."""
    return f"/products/{product.id}/page"


@router.get("/orders")
def list_orders() -> list[Order]:
    """List all orders, oldest first."""
    return shop.orders


@router.post(
    "/orders",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def place_order(new: OrderCreate) -> Order:
    """Order a product."""
    get_product(new.product_id)
    return shop.place_order(new)


@router.get("/embed", response_class=HTMLResponse)
def read_embed() -> str:
    """Show the opening hours; other sites have this page in a frame."""
    return EMBED


@router.get("/crash", responses=problem_responses(status.HTTP_500_INTERNAL_SERVER_ERROR))
def crash() -> None:
    """Fail as if there were a bug."""
    raise RuntimeError("This is the bug.")
