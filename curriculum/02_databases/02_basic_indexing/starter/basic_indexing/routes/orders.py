"""The paths of the orders."""

from collections.abc import Sequence
from datetime import date

from fastapi import APIRouter

from shared.problems import problem_responses

from .. import queries
from ..database import SessionDep
from ..models import OrderPublic, Page, Revenue
from ..tables import Order

router = APIRouter(tags=["orders"])


@router.get("/orders/open", response_model=list[OrderPublic], responses=problem_responses(422))
def list_open_orders(session: SessionDep, page: Page = 1) -> Sequence[Order]:
    """List the orders that are to be shipped, oldest first, twenty to a page."""
    return session.exec(queries.open_orders(page)).all()


@router.get("/revenue", responses=problem_responses(422))
def sum_revenue(since: date, until: date, session: SessionDep) -> Revenue:
    """Count and sum the orders of some days in UTC: from `since` on, and before `until`."""
    orders, revenue = session.exec(queries.revenue(since, until)).one()
    return Revenue(orders=orders, revenue=revenue)
