"""The paths of the customers."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status

from shared.database import get_row
from shared.problems import problem_responses

from .. import queries
from ..database import SessionDep
from ..models import CustomerPublic, OrderPublic, Page, SearchText
from ..tables import Customer, Order

router = APIRouter(prefix="/customers", tags=["customers"])


def get_customer(customer_id: int, session: SessionDep) -> Customer:
    """Return the customer with this id, or answer 404."""
    customer = get_row(session, Customer, customer_id)
    if customer is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no customer {customer_id}.")
    return customer


CustomerDep = Annotated[Customer, Depends(get_customer)]


@router.get("", response_model=list[CustomerPublic], responses=problem_responses(422))
def find_customers(email: SearchText, session: SessionDep) -> Sequence[Customer]:
    """Find the customers with an email, in any letter case; sorted by id, twenty at most."""
    return session.exec(queries.customers_by_email(email)).all()


@router.get("/{customer_id}/orders", response_model=list[OrderPublic], responses=problem_responses(404, 422))
def list_orders(customer: CustomerDep, session: SessionDep, page: Page = 1) -> Sequence[Order]:
    """List a customer's orders, newest first, twenty to a page."""
    assert customer.id is not None
    return session.exec(queries.orders_of_customer(customer.id, page)).all()
