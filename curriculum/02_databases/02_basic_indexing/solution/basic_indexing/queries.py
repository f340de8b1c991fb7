"""The five queries. They are right, and each row that they need could be found quickly."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlmodel import col, func, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from .tables import Customer, Order, Product

PAGE_SIZE = 20
"""How many rows a list has at most."""


def orders_of_customer(customer_id: int, page: int) -> SelectOfScalar[Order]:
    """Select one page of a customer's orders, newest first."""
    newest_first = (col(Order.placed_at).desc(), col(Order.id).desc())
    orders = select(Order).where(Order.customer_id == customer_id).order_by(*newest_first)
    return orders.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)


def customers_by_email(email: str) -> SelectOfScalar[Customer]:
    """Select the first customers with this email, in any letter case."""
    found = select(Customer).where(func.lower(Customer.email) == func.lower(email))
    return found.order_by(col(Customer.id)).limit(PAGE_SIZE)


def open_orders(page: int) -> SelectOfScalar[Order]:
    """Select one page of the orders that nobody has shipped yet, oldest first."""
    orders = select(Order).where(Order.status == "open").order_by(col(Order.placed_at), col(Order.id))
    return orders.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)


def products_by_name(beginning: str) -> SelectOfScalar[Product]:
    """Select the first products whose name has this beginning, sorted by name."""
    found = select(Product).where(col(Product.name).startswith(beginning, autoescape=True))
    return found.order_by(col(Product.name), col(Product.id)).limit(PAGE_SIZE)


def revenue(since: date, until: date) -> Select[int, Decimal]:
    """Select how many orders were placed from the day `since` on and before `until`, and the sum of their totals."""
    first, end = (datetime.combine(day, time.min, UTC) for day in (since, until))
    totals = select(func.count(), func.coalesce(func.sum(Order.total), 0))
    return totals.where(Order.placed_at >= first, Order.placed_at < end)
