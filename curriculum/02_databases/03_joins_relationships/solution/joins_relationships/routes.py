"""The paths of the reports."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row

from shared.problems import problem_responses

from . import service
from .database import SessionDep
from .models import (
    CustomerRow,
    InactiveCustomerRow,
    OrderRow,
    ProductRow,
    SearchText,
    StockRow,
    SupplierCategoryRow,
)
from .service import Days

router = APIRouter(prefix="/reports", tags=["reports"])


def get_days(
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
) -> Days:
    """Return the days of a report, the last one included."""
    return Days(first, last)


DaysDep = Annotated[Days, Depends(get_days)]


@router.get("/orders", response_model=list[OrderRow], responses=problem_responses(422))
def report_orders(days: DaysDep, session: SessionDep) -> Sequence[Row[Any]]:
    """List the orders of customers, with what they cost and what was paid."""
    return service.report_orders(session, days)


@router.get("/customers", response_model=list[CustomerRow], responses=problem_responses(422))
def report_customers(days: DaysDep, session: SessionDep) -> Sequence[Row[Any]]:
    """List all customers, with what they ordered on these days."""
    return service.report_customers(session, days)


@router.get("/inactive-customers", response_model=list[InactiveCustomerRow])
def report_inactive_customers(session: SessionDep) -> Sequence[Row[Any]]:
    """List the customers who have never ordered."""
    return service.report_inactive_customers(session)


@router.get(
    "/supplier-categories", response_model=list[SupplierCategoryRow], responses=problem_responses(422)
)
def report_supplier_categories(supplier: SearchText, session: SessionDep) -> Sequence[Row[Any]]:
    """List all categories of a supplier, also those unknown here."""
    return service.report_supplier_categories(session, supplier)


@router.get("/stock-take", response_model=list[StockRow])
def report_stock(session: SessionDep) -> Sequence[Row[Any]]:
    """Compare the books with what was counted."""
    return service.report_stock(session)


@router.get("/products", response_model=list[ProductRow], responses=problem_responses(422))
def report_products(session: SessionDep, tag: SearchText | None = None) -> Sequence[Row[Any]]:
    """List the products, or those with a tag, with all their tags."""
    return service.report_products(session, tag)
