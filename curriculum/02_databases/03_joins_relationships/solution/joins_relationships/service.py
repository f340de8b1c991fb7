"""The reports: each is one statement. Sums are made before the join, so that no join can repeat what they add up."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, case, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import Session, col, exists, func

from .tables import (
    Category,
    Customer,
    Order,
    OrderLine,
    Payment,
    Product,
    ProductTag,
    Profile,
    StockCount,
    SupplierCategory,
    Tag,
)


class Days(NamedTuple):
    """The days of a report in UTC, from the first to the last."""

    first: date
    last: date

    def hold(self, moment: Any) -> ColumnElement[bool]:
        """Return the condition that a moment is on one of the days: before the midnight that ends the last."""
        start = datetime.combine(self.first, time(), UTC)
        end = datetime.combine(self.last, time(), UTC) + timedelta(days=1)
        return and_(moment >= start, moment < end)


def report_orders(session: Session, days: Days) -> Sequence[Row[Any]]:
    """Return the orders that have a customer, the oldest first."""
    totals, payments = order_totals(), order_payments()
    query = (
        select(
            col(Order.id),
            col(Order.customer_id),
            col(Customer.name).label("customer_name"),
            col(Order.placed_at),
            func.coalesce(totals.c.total, 0).label("total"),
            func.coalesce(payments.c.paid, 0).label("paid"),
        )
        .join(Customer, col(Customer.id) == Order.customer_id)
        .outerjoin(totals, totals.c.order_id == Order.id)
        .outerjoin(payments, payments.c.order_id == Order.id)
        .where(days.hold(Order.placed_at))
        .order_by(col(Order.placed_at), col(Order.id))
    )
    return session.execute(query).all()


def report_customers(session: Session, days: Days) -> Sequence[Row[Any]]:
    """Return all customers, those with the newest order first and those without one last."""
    totals = order_totals()
    last_order_at = func.max(Order.placed_at)
    query = (
        select(
            col(Customer.id),
            col(Customer.name),
            col(Profile.phone),
            func.count(col(Order.id)).label("orders"),
            func.coalesce(func.sum(totals.c.total), 0).label("spent"),
            last_order_at.label("last_order_at"),
        )
        .select_from(Customer)
        .outerjoin(Profile, col(Profile.customer_id) == Customer.id)
        .outerjoin(Order, and_(col(Order.customer_id) == Customer.id, days.hold(Order.placed_at)))
        .outerjoin(totals, totals.c.order_id == Order.id)
        .group_by(col(Customer.id), col(Profile.phone))
        .order_by(last_order_at.desc().nulls_last(), col(Customer.id))
    )
    return session.execute(query).all()


def report_inactive_customers(session: Session) -> Sequence[Row[Any]]:
    """Return the customers without any order, by name."""
    query = (
        select(col(Customer.id), col(Customer.name))
        .where(~exists().where(col(Order.customer_id) == Customer.id))
        .order_by(Customer.name, col(Customer.id))
    )
    return session.execute(query).all()


def report_supplier_categories(session: Session, supplier: str) -> Sequence[Row[Any]]:
    """Return all that a supplier lists, with our category if there is one."""
    query: Select[Any, Any] = (
        select(col(SupplierCategory.name), col(Category.id).label("category_id"))
        .outerjoin(Category, col(Category.name) == SupplierCategory.name)
        .where(col(SupplierCategory.supplier) == supplier)
        .order_by(SupplierCategory.name)
    )
    return session.execute(query).all()


def report_stock(session: Session) -> Sequence[Row[Any]]:
    """Return each SKU once, whether it is in the books, was counted, or both."""
    counts = (
        select(col(StockCount.sku), func.sum(StockCount.quantity).label("counted"))
        .group_by(StockCount.sku)
        .subquery()
    )
    sku = func.coalesce(Product.sku, counts.c.sku)
    query = (
        select(
            sku.label("sku"),
            col(Product.stock).label("booked"),
            counts.c.counted,
            case(
                (counts.c.sku.is_(None), "only booked"),
                (col(Product.sku).is_(None), "only counted"),
                else_="matched",
            ).label("result"),
        )
        .select_from(Product)
        .join(counts, counts.c.sku == Product.sku, full=True)
        .order_by(sku)
    )
    return session.execute(query).all()


def report_products(session: Session, tag: str | None) -> Sequence[Row[Any]]:
    """Return the products, or those that have this tag, each with all of its tags."""
    tags = (
        select(
            col(ProductTag.product_id),
            func.array_agg(aggregate_order_by(col(Tag.name), col(Tag.name))).label("names"),
        )
        .join(Tag, col(Tag.id) == ProductTag.tag_id)
        .group_by(col(ProductTag.product_id))
        .subquery()
    )
    sales = (
        select(col(OrderLine.product_id), func.sum(OrderLine.quantity).label("sold"))
        .group_by(col(OrderLine.product_id))
        .subquery()
    )
    query = (
        select(
            col(Product.id),
            col(Product.sku),
            col(Product.name),
            func.coalesce(tags.c.names, []).label("tags"),
            func.coalesce(sales.c.sold, 0).label("sold"),
        )
        .outerjoin(tags, tags.c.product_id == Product.id)
        .outerjoin(sales, sales.c.product_id == Product.id)
        .order_by(col(Product.id))
    )
    if tag is not None:
        query = query.where(tags.c.names.any_() == tag)
    return session.execute(query).all()


def order_totals() -> Any:
    """Return what each order with lines costs, one row for each."""
    total = func.sum(OrderLine.quantity * OrderLine.unit_price)
    return select(col(OrderLine.order_id), total.label("total")).group_by(col(OrderLine.order_id)).subquery()


def order_payments() -> Any:
    """Return what was paid for each order with payments, one row for each."""
    paid = func.sum(Payment.amount)
    return select(col(Payment.order_id), paid.label("paid")).group_by(col(Payment.order_id)).subquery()
