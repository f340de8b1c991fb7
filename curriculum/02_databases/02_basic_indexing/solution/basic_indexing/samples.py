"""What the measurement executes: the five queries, with arguments that suit the rows of the database, and an insert."""

from datetime import timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ClauseElement, Connection
from sqlmodel import col, func, insert, literal, select

from . import queries
from .tables import Customer, Order, Product

NEW_ORDERS = 1_000
"""How many orders the insert stores."""


def sample_statements(connection: Connection) -> dict[str, ClauseElement]:
    """Return the statements by their names in the report."""

    def find(query: Any) -> Any:
        return connection.execute(query).scalar_one()

    busiest = (
        select(Order.customer_id).group_by(col(Order.customer_id)).order_by(func.count().desc()).limit(1)
    )
    last_day = find(select(func.max(Order.placed_at))).date()
    orders = sqlalchemy.select(col(Order.customer_id), literal("open"), func.now(), col(Order.total))
    return {
        "orders_of_customer": queries.orders_of_customer(find(busiest), page=1),
        "customers_by_email": queries.customers_by_email(find(select(func.max(Customer.email)))),
        "open_orders": queries.open_orders(page=1),
        "products_by_name": queries.products_by_name(find(select(func.max(Product.name)))),
        "revenue": queries.revenue(last_day, last_day + timedelta(days=1)),
        "new_orders": insert(Order).from_select(
            ["customer_id", "status", "placed_at", "total"], orders.limit(NEW_ORDERS)
        ),
    }
