"""The paths of the customers."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import (
    CustomerCreate,
    CustomerPublic,
    CustomerUpdate,
    DeletedCustomer,
    OrderPublic,
    Query,
)
from ..tables import Customer, Order
from .staff import IsStaffDep, require_staff

router = APIRouter(prefix="/customers", tags=["customers"])


def get_customer(customer_id: int, session: SessionDep) -> Customer:
    """Return the living customer with this id, or answer 404."""
    return service.get(session, Customer, customer_id)


def lock_customer(customer_id: int, session: SessionDep) -> Customer:
    """Return the living customer with this id, for a change, or answer 404."""
    return service.lock(session, Customer, customer_id)


CustomerDep = Annotated[Customer, Depends(get_customer)]
LockedCustomerDep = Annotated[Customer, Depends(lock_customer)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=CustomerPublic,
    responses=problem_responses(409, 422),
)
def create_customer(new: CustomerCreate, session: SessionDep) -> Customer:
    """Create a customer; an email of a living one is taken in any letter case."""
    return service.create_customer(session, new)


@router.get("", responses=problem_responses(403, 422))
def list_customers(
    session: SessionDep, staff: IsStaffDep, q: Query = "", deleted: Literal["only"] | None = None
) -> list[DeletedCustomer] | list[CustomerPublic]:
    """List the customers whose name contains `q`, sorted by id; staff can list the deleted ones."""
    if deleted is None:
        return [CustomerPublic.model_validate(one) for one in service.list_customers(session, q)]
    require_staff(staff)
    return [DeletedCustomer.model_validate(one) for one in service.list_deleted_customers(session, q)]


@router.get("/{customer_id}", response_model=CustomerPublic, responses=problem_responses(404, 422))
def read_customer(customer: CustomerDep) -> Customer:
    """Read one customer."""
    return customer


@router.put("/{customer_id}", response_model=CustomerPublic, responses=problem_responses(404, 409, 422))
def replace_customer(customer: LockedCustomerDep, new: CustomerCreate, session: SessionDep) -> Customer:
    """Replace a customer's name and email."""
    return service.change_customer(session, customer, new)


@router.patch("/{customer_id}", response_model=CustomerPublic, responses=problem_responses(404, 409, 422))
def change_customer(customer: LockedCustomerDep, change: CustomerUpdate, session: SessionDep) -> Customer:
    """Change some fields of a customer."""
    return service.change_customer(session, customer, change)


@router.delete(
    "/{customer_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problem_responses(404, 422)
)
def delete_customer(customer: LockedCustomerDep, session: SessionDep) -> None:
    """Delete a customer and their orders; staff can restore them."""
    service.delete_customer(session, customer)


@router.post(
    "/{customer_id}/restore",
    dependencies=[Depends(require_staff)],
    response_model=CustomerPublic,
    responses=problem_responses(403, 404, 409, 422),
)
def restore_customer(customer_id: int, session: SessionDep) -> Customer:
    """Restore a deleted customer and the orders that went with them."""
    return service.restore_customer(session, customer_id)


@router.get("/{customer_id}/orders", response_model=list[OrderPublic], responses=problem_responses(404, 422))
def list_orders(customer: CustomerDep, session: SessionDep) -> Sequence[Order]:
    """List a customer's orders, sorted by id."""
    return service.list_orders_of(session, customer)
