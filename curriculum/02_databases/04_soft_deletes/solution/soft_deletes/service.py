"""The work of the shop; it knows no HTTP. Queries see no deleted row unless they say so (`database.py`)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select, update

from shared.database import MAX_ID, utc_now

from .errors import ConflictError, NotFoundError
from .models import CustomerCreate, CustomerUpdate, OrderCreate, Purged, Report, Sales
from .tables import Customer, Order, SoftDelete

Row = TypeVar("Row", bound=SoftDelete)
WITH_DELETED = {"include_deleted": True}


def get(session: Session, table: type[Row], row_id: int) -> Row:
    """Return the living row with this id, or raise `NotFoundError`."""
    row = session.get(table, row_id) if abs(row_id) <= MAX_ID else None
    return found(row, table, row_id)


def lock(session: Session, table: type[Row], row_id: int, *, deleted: bool = False) -> Row:
    """Return the row with this id, alive or, if asked for, deleted, and let nobody else change it until the commit.

    A foreign key protects an order from the loss of its customer, but not from a `deleted_at`; this lock does.
    """
    if abs(row_id) > MAX_ID:
        raise NotFoundError(f"There is no {table.__name__.lower()} {row_id}.")
    row = session.get(
        table,
        row_id,
        with_for_update=True,
        populate_existing=True,  # as it is now that we have the lock, not as this session may have read it before
        execution_options=WITH_DELETED if deleted else {},
    )
    return found(row, table, row_id)


def found(row: Row | None, table: type[Row], row_id: int) -> Row:
    """Return the row, or raise `NotFoundError` if there is none."""
    if row is None:
        raise NotFoundError(f"There is no {table.__name__.lower()} {row_id}.")
    return row


def commit(session: Session, conflict: str) -> None:
    """Commit, or raise `ConflictError` with this text if a constraint refuses the change."""
    try:
        session.commit()
    except IntegrityError as refusal:
        raise ConflictError(conflict) from refusal


def create_customer(session: Session, new: CustomerCreate) -> Customer:
    """Store a customer, whose email nobody else alive may have in any letter case."""
    customer = Customer.model_validate(new)
    session.add(customer)
    commit(session, f"A customer has the email {new.email} already.")
    return customer


def change_customer(
    session: Session, customer: Customer, change: CustomerCreate | CustomerUpdate
) -> Customer:
    """Change the fields that were sent."""
    customer.sqlmodel_update(change.model_dump())
    commit(session, "Another customer has this email already.")
    return customer


def list_customers(session: Session, q: str) -> Sequence[Customer]:
    """Return the customers whose name contains a text in any letter case, sorted by id."""
    matches = col(Customer.name).icontains(q, autoescape=True)
    return session.exec(select(Customer).where(matches).order_by(col(Customer.id))).all()


def list_deleted_customers(session: Session, q: str) -> Sequence[Customer]:
    """Return the deleted customers whose name contains a text in any letter case, sorted by id."""
    matches = col(Customer.name).icontains(q, autoescape=True)
    query = select(Customer).where(col(Customer.deleted_at).is_not(None), matches).order_by(col(Customer.id))
    return session.exec(query, execution_options=WITH_DELETED).all()


def delete_customer(session: Session, customer: Customer) -> None:
    """Delete a customer and their living orders, all with the same moment."""
    customer.deleted_at = utc_now()
    session.exec(
        update(Order)
        .where(col(Order.customer_id) == customer.id, col(Order.deleted_at).is_(None))
        .values(deleted_at=customer.deleted_at)
    )
    session.commit()


def restore_customer(session: Session, customer_id: int) -> Customer:
    """Restore a customer and the orders that went with them: those deleted at the same moment."""
    customer = lock(session, Customer, customer_id, deleted=True)
    if customer.deleted_at is None:
        raise ConflictError("The customer is not deleted.")
    session.exec(
        update(Order)
        .where(col(Order.customer_id) == customer.id, col(Order.deleted_at) == customer.deleted_at)
        .values(deleted_at=None)
    )
    customer.deleted_at = None
    commit(session, "Another customer has this email by now.")
    return customer


def place_order(session: Session, new: OrderCreate) -> Order:
    """Store an order of a living customer, who stays alive until it is stored."""
    lock(session, Customer, new.customer_id)
    order = Order.model_validate(new)
    session.add(order)
    session.commit()
    return order


def list_orders(session: Session) -> Sequence[Order]:
    """Return all orders, sorted by id."""
    return session.exec(select(Order).order_by(col(Order.id))).all()


def list_orders_of(session: Session, customer: Customer) -> Sequence[Order]:
    """Return a customer's orders, sorted by id."""
    return session.exec(select(Order).where(Order.customer_id == customer.id).order_by(col(Order.id))).all()


def delete_order(session: Session, order: Order) -> None:
    """Delete one order; its customer stays."""
    order.deleted_at = utc_now()
    session.commit()


def restore_order(session: Session, order_id: int) -> Order:
    """Restore one order of a living customer."""
    order = session.get(Order, order_id, execution_options=WITH_DELETED) if abs(order_id) <= MAX_ID else None
    customer = lock(session, Customer, found(order, Order, order_id).customer_id, deleted=True)
    order = lock(session, Order, order_id, deleted=True)  # after its customer, as a deletion locks them
    if customer.deleted_at is not None:
        raise ConflictError("The order's customer is deleted.")
    if order.deleted_at is None:
        raise ConflictError("The order is not deleted.")
    order.deleted_at = None
    session.commit()
    return order


def report(session: Session) -> Report:
    """Return how many customers and orders there are, and what each customer has bought, sorted by id."""
    rows: Sequence[object] = session.exec(
        select(
            col(Customer.id).label("customer_id"),
            col(Customer.name),
            func.count(col(Order.id)).label("orders"),
            func.coalesce(func.sum(Order.price), 0).label("revenue"),
        )
        .join(Order, col(Order.customer_id) == Customer.id, isouter=True)
        .group_by(col(Customer.id))
        .order_by(col(Customer.id))
    ).all()
    sales = [Sales.model_validate(row, from_attributes=True) for row in rows]
    return Report(customers=len(sales), orders=sum(sale.orders for sale in sales), sales=sales)


def purge(session: Session, retention_days: int) -> Purged:
    """Remove for good what was deleted more than so many days ago, the orders before their customers."""
    limit = utc_now() - timedelta(days=retention_days)
    old = (
        select(Customer.id)
        .where(col(Customer.deleted_at) < limit)
        .order_by(col(Customer.id))
        .with_for_update()
    )
    customer_ids = session.exec(old, execution_options=WITH_DELETED).all()
    orders = session.exec(delete(Order).where(col(Order.deleted_at) < limit))
    customers = session.exec(delete(Customer).where(col(Customer.id).in_(customer_ids)))
    session.commit()
    return Purged(customers=customers.rowcount, orders=orders.rowcount)
