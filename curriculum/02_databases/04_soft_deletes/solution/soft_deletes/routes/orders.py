"""The paths of the orders."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import OrderCreate, OrderPublic
from ..tables import Order
from .staff import require_staff

router = APIRouter(prefix="/orders", tags=["orders"])


def get_order(order_id: int, session: SessionDep) -> Order:
    """Return the living order with this id, or answer 404."""
    return service.get(session, Order, order_id)


def lock_order(order_id: int, session: SessionDep) -> Order:
    """Return the living order with this id, for a change, or answer 404."""
    return service.lock(session, Order, order_id)


OrderDep = Annotated[Order, Depends(get_order)]
LockedOrderDep = Annotated[Order, Depends(lock_order)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=OrderPublic,
    responses=problem_responses(404, 422),
)
def place_order(new: OrderCreate, session: SessionDep) -> Order:
    """Place an order."""
    return service.place_order(session, new)


@router.get("", response_model=list[OrderPublic])
def list_orders(session: SessionDep) -> Sequence[Order]:
    """List all orders, sorted by id."""
    return service.list_orders(session)


@router.get("/{order_id}", response_model=OrderPublic, responses=problem_responses(404, 422))
def read_order(order: OrderDep) -> Order:
    """Read one order."""
    return order


@router.delete("/{order_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problem_responses(404, 422))
def delete_order(order: LockedOrderDep, session: SessionDep) -> None:
    """Delete one order; staff can restore it."""
    service.delete_order(session, order)


@router.post(
    "/{order_id}/restore",
    dependencies=[Depends(require_staff)],
    response_model=OrderPublic,
    responses=problem_responses(403, 404, 409, 422),
)
def restore_order(order_id: int, session: SessionDep) -> Order:
    """Restore a deleted order of a living customer."""
    return service.restore_order(session, order_id)
