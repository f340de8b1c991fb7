"""The shop itself: what knows no HTTP."""

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import count

import structlog

from .models import Offer, Order, OrderCreate, Product

SUPPLIERS = ("north", "south", "west")

logger = structlog.get_logger()
supplier_logger = logging.getLogger("suppliers")  # as most libraries have one
pool = ThreadPoolExecutor(max_workers=len(SUPPLIERS))  # the suppliers' library blocks
products = {1: Product(id=1, name="Mug"), 2: Product(id=2, name="Plate")}
orders: dict[int, Order] = {}
product_ids = count(3)
order_ids = count(1)


class PaymentError(Exception):
    """The bank did not take a payment."""


async def place(new: OrderCreate) -> Order:
    """Store an order under the next number."""
    logger.info("stock checked", product_id=new.product_id)
    await asyncio.sleep(0)  # the warehouse will be asked here
    order = Order(id=next(order_ids), **new.model_dump())
    orders[order.id] = order
    logger.info("order placed", order=order.model_dump())
    return order


def confirm(order: Order) -> None:
    """Send the mail that confirms an order, some day."""
    logger.info("order confirmed", order_id=order.id)


def charge(order: Order) -> None:
    """Charge an order, which the bank does not do.

    Raises:
        PaymentError: always.
    """
    try:
        raise TimeoutError("The bank does not answer.")
    except TimeoutError as error:
        raise PaymentError(f"Order {order.id} was not paid.") from error


def import_products(names: Iterable[str]) -> int:
    """Store products under the next numbers.

    Returns:
        how many there were.
    """
    progress = {"imported": 0}
    for name in names:
        product = Product(id=next(product_ids), name=name)
        products[product.id] = product
        progress["imported"] += 1
        logger.info("product imported", product=name, progress=progress)
    return progress["imported"]


def ask(supplier: str, product: Product) -> Offer:
    """Ask a supplier what a product costs."""
    supplier_logger.info("asked %s", supplier)
    return Offer(supplier=supplier, cents=100 * len(product.name) + len(supplier))


async def ask_all(product: Product) -> list[Offer]:
    """Ask all suppliers at the same time what a product costs; each thread gets a copy of what the log knows."""
    loop = asyncio.get_running_loop()
    return await asyncio.gather(
        *(loop.run_in_executor(pool, copy_context().run, ask, supplier, product) for supplier in SUPPLIERS)
    )
