"""The work of the shop. A deletion removes the row for good; the bodies that answer 501 are yours to write."""

from collections.abc import Sequence
from typing import TypeVar

from fastapi import HTTPException, status
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, func, select

from shared.database import get_row

from .errors import ConflictError, NotFoundError
from .models import CustomerCreate, CustomerUpdate, OrderCreate, Purged, Report, Sales
from .tables import Customer, Order

Row = TypeVar("Row", bound=SQLModel)

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


def get(session: Session, table: type[Row], row_id: int) -> Row:
    """Return the row with this id, or raise `NotFoundError`."""
    row = get_row(session, table, row_id)
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
    raise NOT_WRITTEN_YET


def delete_customer(session: Session, customer: Customer) -> None:
    """Delete a customer, who must have no orders."""
    session.delete(customer)
    commit(session, "The customer has orders.")


def restore_customer(session: Session, customer_id: int) -> Customer:
    """Restore a customer and the orders that went with them."""
    raise NOT_WRITTEN_YET


def place_order(session: Session, new: OrderCreate) -> Order:
    """Store an order of a customer."""
    get(session, Customer, new.customer_id)
    order = Order.model_validate(new)
    session.add(order)
    commit(session, "The customer has just been deleted.")
    return order


def list_orders(session: Session) -> Sequence[Order]:
    """Return all orders, sorted by id."""
    return session.exec(select(Order).order_by(col(Order.id))).all()


def list_orders_of(session: Session, customer: Customer) -> Sequence[Order]:
    """Return a customer's orders, sorted by id."""
    return session.exec(select(Order).where(Order.customer_id == customer.id).order_by(col(Order.id))).all()


def delete_order(session: Session, order: Order) -> None:
    """Delete one order; its customer stays."""
    session.delete(order)
    session.commit()


def restore_order(session: Session, order_id: int) -> Order:
    """Restore one order of a living customer."""
    raise NOT_WRITTEN_YET


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


def purge(session: Session) -> Purged:
    """Remove for good what was deleted more than `RETENTION_DAYS` days ago."""
    raise NOT_WRITTEN_YET
