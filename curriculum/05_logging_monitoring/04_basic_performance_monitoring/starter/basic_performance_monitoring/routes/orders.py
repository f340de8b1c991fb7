"""The path of the orders."""

from itertools import count

from fastapi import APIRouter, BackgroundTasks, status

from shared.problems import problem_responses

from ..client import take_payment
from ..jobs import send_receipt
from ..models import Order, OrderCreate

router = APIRouter(prefix="/orders", tags=["orders"])

numbers = count(1)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT),
)
async def create_order(new: OrderCreate, background: BackgroundTasks) -> Order:
    """Order a product; the receipt is sent after the response."""
    await take_payment()
    background.add_task(send_receipt, new.email)
    return Order(id=next(numbers), product_id=new.product_id)
