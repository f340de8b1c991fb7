"""The work of the shop; it knows no HTTP."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from shared.database import get_row

from .errors import ConflictError, NotFoundError
from .models import AddressCreate, CategoryCreate, CustomerCreate, OrderCreate, ProductCreate
from .tables import Address, Category, Customer, Order, OrderLine, Product

Row = TypeVar("Row", bound=SQLModel)


def get(session: Session, table: type[Row], row_id: int) -> Row:
    """Return the row with this id, or raise `NotFoundError`."""
    row = get_row(session, table, row_id)
    if row is None:
        raise NotFoundError(f"There is no {table.__name__.lower()} {row_id}.")
    return row


def commit(session: Session, conflict: str) -> None:
    """Commit, or raise `ConflictError` with this text if a constraint refuses the change.

    No look beforehand could replace it: until the commit, another request may store what conflicts.
    """
    try:
        session.commit()
    except IntegrityError as refusal:
        raise ConflictError(conflict) from refusal


def create_customer(session: Session, new: CustomerCreate) -> Customer:
    """Store a customer, whose email nobody else may have in any letter case."""
    customer = Customer.model_validate(new)
    session.add(customer)
    commit(session, f"A customer has the email {new.email} already.")
    return customer


def delete_customer(session: Session, customer: Customer) -> None:
    """Delete a customer who has no orders; the addresses go along."""
    session.delete(customer)
    commit(session, "The customer has orders.")


def add_address(session: Session, customer: Customer, new: AddressCreate) -> Address:
    """Store another address of a customer."""
    address = Address.model_validate(new, update={"customer_id": customer.id})
    session.add(address)
    commit(session, "The customer has just been deleted.")
    return address


def create_category(session: Session, new: CategoryCreate) -> Category:
    """Store a category, whose name no other may have."""
    category = Category.model_validate(new)
    session.add(category)
    commit(session, f"There is a category {new.name} already.")
    return category


def create_product(session: Session, new: ProductCreate) -> Product:
    """Store a product and its categories."""
    product = Product.model_validate(new)
    product.categories = [get(session, Category, category_id) for category_id in sorted(new.category_ids)]
    session.add(product)
    commit(session, "A category has just been deleted.")
    return product


def place_order(session: Session, new: OrderCreate) -> Order:
    """Store an order with the present prices of its products: all of it or, if anything is unknown, nothing."""
    get(session, Customer, new.customer_id)
    order = Order(customer_id=new.customer_id)
    for line in sorted(new.lines, key=lambda line: line.product_id):
        price = get(session, Product, line.product_id).price
        order.lines.append(OrderLine(product_id=line.product_id, quantity=line.quantity, unit_price=price))
    session.add(order)
    commit(session, "The customer or a product has just been deleted.")
    return order


def list_orders(session: Session, customer: Customer) -> Sequence[Order]:
    """Return a customer's orders, sorted by id."""
    return session.exec(select(Order).where(Order.customer_id == customer.id).order_by(col(Order.id))).all()
