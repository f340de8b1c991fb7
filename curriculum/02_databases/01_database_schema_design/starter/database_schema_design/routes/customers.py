"""The paths of the customers."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import AddressCreate, AddressPublic, CustomerCreate, CustomerPublic, OrderPublic
from ..tables import Address, Customer, Order

router = APIRouter(prefix="/customers", tags=["customers"])


def get_customer(customer_id: int, session: SessionDep) -> Customer:
    """Return the customer with this id, or answer 404."""
    return service.get(session, Customer, customer_id)


CustomerDep = Annotated[Customer, Depends(get_customer)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=CustomerPublic,
    responses=problem_responses(409, 422),
)
def create_customer(new: CustomerCreate, session: SessionDep) -> Customer:
    """Create a customer; an email that differs in letter case only is taken."""
    return service.create_customer(session, new)


@router.delete(
    "/{customer_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problem_responses(404, 409, 422),
)
def delete_customer(customer: CustomerDep, session: SessionDep) -> None:
    """Delete a customer and their addresses; a customer with orders stays."""
    service.delete_customer(session, customer)


@router.post(
    "/{customer_id}/addresses",
    status_code=status.HTTP_201_CREATED,
    response_model=AddressPublic,
    responses=problem_responses(404, 409, 422),
)
def add_address(customer: CustomerDep, new: AddressCreate, session: SessionDep) -> Address:
    """Add an address to a customer."""
    return service.add_address(session, customer, new)


@router.get("/{customer_id}/orders", response_model=list[OrderPublic], responses=problem_responses(404, 422))
def list_orders(customer: CustomerDep, session: SessionDep) -> Sequence[Order]:
    """List a customer's orders, sorted by id."""
    return service.list_orders(session, customer)
