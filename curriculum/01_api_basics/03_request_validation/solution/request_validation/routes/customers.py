"""The path of the customers, and the customers themselves."""

from itertools import count

from fastapi import APIRouter, status

from ..models import Customer, CustomerCreate

router = APIRouter(prefix="/customers", tags=["customers"])

customers: dict[int, Customer] = {}
customer_ids = count(start=1)


@router.post("", status_code=status.HTTP_201_CREATED)
def create_customer(new: CustomerCreate) -> Customer:
    """Create a customer; its id is never used again."""
    customer = Customer(id=next(customer_ids), **new.model_dump())
    customers[customer.id] = customer
    return customer
