"""The paths of the shop."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request, status
from fastapi.responses import StreamingResponse

from . import carrier, service
from .database import ConnectionDep
from .models import Delivery, Health, Order, OrderCreate, Product
from .openapi import error_responses

router = APIRouter(
    responses=error_responses(status.HTTP_500_INTERNAL_SERVER_ERROR, status.HTTP_503_SERVICE_UNAVAILABLE)
)


async def get_product(connection: ConnectionDep, product_id: int) -> Product:
    """Return the product that the path names."""
    return await service.find_product(connection, product_id)


ProductDep = Annotated[Product, Depends(get_product)]


@router.get(
    "/products/{product_id}",
    responses=error_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
async def read_product(product: ProductDep) -> Product:
    """Read one product."""
    return product


@router.post(
    "/orders",
    status_code=status.HTTP_201_CREATED,
    responses=error_responses(
        status.HTTP_404_NOT_FOUND, status.HTTP_409_CONFLICT, status.HTTP_422_UNPROCESSABLE_CONTENT
    ),
)
async def place_order(
    new: OrderCreate, connection: ConnectionDep, request: Request, tasks: BackgroundTasks
) -> Order:
    """Order a product; the mail that confirms it is noted after the response."""
    order = await service.place_order(connection, new)
    tasks.add_task(service.confirm_order, request.state.database_url, order.id)
    return order


@router.get(
    "/stock.csv",
    response_class=StreamingResponse,
    responses={status.HTTP_200_OK: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_stock(request: Request) -> StreamingResponse:
    """Download how many there are of each product; a line is sent as soon as it is known."""
    return StreamingResponse(service.export_stock(request.state.database_url), media_type="text/csv")


@router.get(
    "/delivery/{postcode}",
    responses=error_responses(status.HTTP_422_UNPROCESSABLE_CONTENT, status.HTTP_504_GATEWAY_TIMEOUT),
)
async def read_delivery(postcode: str) -> Delivery:
    """Ask the carrier how many days a parcel takes."""
    return Delivery(days=await carrier.fetch_days(postcode))


@router.get("/admin/orders", responses=error_responses(status.HTTP_401_UNAUTHORIZED))
async def list_orders(connection: ConnectionDep) -> list[Order]:
    """List all orders, oldest first; this is for the staff."""
    return await service.list_orders(connection)


@router.get("/health")
async def read_health() -> Health:
    """See that the app runs."""
    return Health(status="ok")
