"""The reports. Each body answers 501 until you write it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from fastapi import HTTPException, status
from sqlalchemy import Row
from sqlmodel import Session

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


class Days(NamedTuple):
    """The days of a report in UTC, from the first to the last."""

    first: date
    last: date


def report_orders(session: Session, days: Days) -> Sequence[Row[Any]]:
    """Return the orders that have a customer, the oldest first."""
    raise NOT_WRITTEN_YET


def report_customers(session: Session, days: Days) -> Sequence[Row[Any]]:
    """Return all customers, those with the newest order first and those without one last."""
    raise NOT_WRITTEN_YET


def report_inactive_customers(session: Session) -> Sequence[Row[Any]]:
    """Return the customers without any order, by name."""
    raise NOT_WRITTEN_YET


def report_supplier_categories(session: Session, supplier: str) -> Sequence[Row[Any]]:
    """Return all that a supplier lists, with our category if there is one."""
    raise NOT_WRITTEN_YET


def report_stock(session: Session) -> Sequence[Row[Any]]:
    """Return each SKU once, whether it is in the books, was counted, or both."""
    raise NOT_WRITTEN_YET


def report_products(session: Session, tag: str | None) -> Sequence[Row[Any]]:
    """Return the products, or those that have this tag, each with all of its tags."""
    raise NOT_WRITTEN_YET
