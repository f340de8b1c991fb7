"""The path of the customers, and the customers themselves."""

from itertools import count

from fastapi import APIRouter, HTTPException, status

from ..models import Customer, CustomerCreate

router = APIRouter(prefix="/customers", tags=["customers"])

customers: dict[int, Customer] = {}
customer_ids = count(start=1)


@router.post("", status_code=status.HTTP_201_CREATED)
def create_customer(new: CustomerCreate) -> Customer:
    """Create a customer; its id is never used again."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)
