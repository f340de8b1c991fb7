"""The paths of the orders."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..access import CallerDep
from ..database import SessionDep
from ..models import OrderCreate, OrderPublic
from ..tables import Order

router = APIRouter(prefix="/orders", tags=["orders"])


def get_order(order_id: int, session: SessionDep) -> Order:
    """Return the order with this id, or answer 404."""
    return service.get(session, Order, order_id)


OrderDep = Annotated[Order, Depends(get_order)]


@router.post(
    "", status_code=status.HTTP_201_CREATED, response_model=OrderPublic, responses=problem_responses(422)
)
def create_order(caller: CallerDep, new: OrderCreate, session: SessionDep) -> Order:
    """Place an order."""
    return service.create_order(session, caller, new)


@router.get("", response_model=list[OrderPublic])
def list_orders(caller: CallerDep, session: SessionDep) -> Sequence[Order]:
    """List the caller's own orders, or all for an Admin, sorted by id."""
    return service.list_orders(session, caller)


@router.get("/{order_id}", response_model=OrderPublic, responses=problem_responses(404, 422))
def read_order(caller: CallerDep, order_id: int, session: SessionDep) -> Order:
    """Read an order; for others than its owner and Admins, there is none."""
    return service.read_order(session, caller, order_id)


@router.delete("/{order_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problem_responses(404, 422))
def delete_order(order: OrderDep, session: SessionDep) -> None:
    """Delete an order."""
    service.delete_order(session, order)
