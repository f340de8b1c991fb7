"""The shop itself: what knows no HTTP, and is not the lesson."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

from .models import Order, OrderCreate

FEED_SECONDS = 0.1

orders: dict[int, Order] = {}
numbers = count(1)


class PaymentError(Exception):
    """The bank did not take a payment."""


def place(new: OrderCreate) -> Order:
    """Store an order under the next number."""
    order = Order(id=next(numbers), **new.model_dump())
    orders[order.id] = order
    return order


def charge(order: Order) -> None:
    """Ask the bank for the money; it has not answered for days.

    Raises:
        PaymentError: always.
    """
    try:
        raise TimeoutError(f"No answer about the card {order.card_number}.")
    except TimeoutError as error:
        raise PaymentError(f"Order {order.id} was not paid with the card {order.card_number}.") from error


async def follow(limit: int | None) -> AsyncIterator[str]:
    """Yield how many orders there are, again and again, until somebody loses interest or `limit` lines are out."""
    for _ in count() if limit is None else range(limit):
        await asyncio.sleep(FEED_SECONDS)
        yield f"{len(orders)} orders\n"


def is_closed() -> bool:
    """Return whether the shop is closed, which a file named `closed` says."""
    return Path("closed").exists()
