"""The paths of the shop, and what they log."""

import logging
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request, status
from fastapi.responses import PlainTextResponse, StreamingResponse

from shared.problems import problem_responses

from .models import Health, Import, Order, OrderCreate, OrderPublic
from .service import charge, follow, is_closed, orders, place

MAX_IMPORT_SIZE = 64 * 1024

logger = structlog.get_logger()
import_logger = logging.getLogger(__name__)  # what most libraries use
router = APIRouter(tags=["orders"])


def get_order(order_id: int) -> Order:
    """Return the order with this number, or answer 404."""
    if order_id not in orders:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such order.")
    return orders[order_id]


OrderDep = Annotated[Order, Depends(get_order)]


@router.post(
    "/orders",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_400_BAD_REQUEST, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def place_order(new: OrderCreate) -> OrderPublic:
    """Place an order."""
    order = place(new)
    logger.info("order placed", order=order.model_dump())
    return order


@router.get(
    "/orders/{order_id}",
    responses=problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def read_order(order: OrderDep) -> OrderPublic:
    """Read an order."""
    return order


@router.post(
    "/orders/{order_id}/payment",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(
        status.HTTP_404_NOT_FOUND,
        status.HTTP_422_UNPROCESSABLE_CONTENT,
        status.HTTP_500_INTERNAL_SERVER_ERROR,
    ),
)
def pay_order(order: OrderDep) -> None:
    """Charge the card of an order, which fails."""
    charge(order)


@router.get(
    "/feed",
    response_class=PlainTextResponse,  # what OpenAPI says; it is streamed
    responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT),
)
def follow_orders(limit: Annotated[int | None, Query(ge=0)] = None) -> StreamingResponse:
    """Follow how many orders there are: a line every tenth of a second, without end or up to a limit."""
    return StreamingResponse(follow(limit), media_type="text/plain")


@router.post("/imports", responses=problem_responses(status.HTTP_413_CONTENT_TOO_LARGE))
async def import_orders(request: Request) -> Import:
    """Read a body of any kind as it arrives; answer 413 as soon as too much of it has arrived."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_IMPORT_SIZE:
            raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "An import is at most 64 KiB.")
    import_logger.info("imported %d bytes", size)
    return Import(size=size)


@router.get("/health", responses=problem_responses(status.HTTP_503_SERVICE_UNAVAILABLE))
def read_health() -> Health:
    """See that the shop is open."""
    if is_closed():
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "The shop is closed.")
    return Health(status="ok")
