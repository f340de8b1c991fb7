"""The paths of the shop. Nothing is left to do here."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, status

from shared.problems import problem_responses

from . import service
from .models import Imported, Offer, Order, OrderCreate, Product, ProductImport

router = APIRouter()


def get_product(product_id: int) -> Product:
    """Return the product with this number, or answer 404."""
    if product_id not in service.products:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such product.")
    return service.products[product_id]


def get_order(order_id: int) -> Order:
    """Return the order with this number, or answer 404."""
    if order_id not in service.orders:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such order.")
    return service.orders[order_id]


ProductDep = Annotated[Product, Depends(get_product)]
OrderDep = Annotated[Order, Depends(get_order)]
NOT_FOUND = problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT)


@router.post(
    "/products/import",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_400_BAD_REQUEST, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def import_products(new: ProductImport) -> Imported:
    """Import products; each of them leaves a line in the log."""
    return Imported(imported=service.import_products(new.names))


@router.get("/products/{product_id}", responses=NOT_FOUND)
def read_product(product: ProductDep) -> Product:
    """Read a product."""
    return product


@router.get("/products/{product_id}/offers", responses=NOT_FOUND)
async def list_offers(product: ProductDep) -> list[Offer]:
    """List what the suppliers ask for a product."""
    return await service.ask_all(product)


@router.post(
    "/orders",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_400_BAD_REQUEST, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
async def place_order(new: OrderCreate, tasks: BackgroundTasks) -> Order:
    """Place an order; it is confirmed after the response."""
    order = await service.place(new)
    tasks.add_task(service.confirm, order)
    return order


@router.post(
    "/orders/{order_id}/payment",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=NOT_FOUND | problem_responses(status.HTTP_500_INTERNAL_SERVER_ERROR),
)
def pay_order(order: OrderDep) -> None:
    """Charge an order, which fails."""
    service.charge(order)
