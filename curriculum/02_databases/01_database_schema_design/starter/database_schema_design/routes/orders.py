"""The paths of the orders."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import OrderCreate, OrderPublic
from ..tables import Order

router = APIRouter(prefix="/orders", tags=["orders"])


def get_order(order_id: int, session: SessionDep) -> Order:
    """Return the order with this id, or answer 404."""
    return service.get(session, Order, order_id)


OrderDep = Annotated[Order, Depends(get_order)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=OrderPublic,
    responses=problem_responses(404, 409, 422),
)
def place_order(new: OrderCreate, session: SessionDep) -> Order:
    """Place an order at the present prices."""
    return service.place_order(session, new)


@router.get("/{order_id}", response_model=OrderPublic, responses=problem_responses(404, 422))
def read_order(order: OrderDep) -> Order:
    """Read one order with its lines and its total."""
    return order
