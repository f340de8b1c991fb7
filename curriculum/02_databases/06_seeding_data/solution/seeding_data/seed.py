"""Fill the shop's database with what its environment needs, and leave alone what is there.

APP_ENV names the environment: production gets the categories, development and testing get sample data as well.
"""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel, col, select

from .database import open_database
from .samples import CATEGORIES, SampleCustomer, SampleOrder, SampleProduct, Samples
from .settings import settings
from .tables import Category, Customer, Order, OrderLine, Product

Row = TypeVar("Row", bound=SQLModel)
CUSTOMERS = {"production": None, "testing": 20, "development": 100}
"""How many sample customers an environment gets; `None`: it gets no sample data at all."""


def seed(session: Session, count: int | None) -> list[str]:
    """Insert what is missing, parents before children, and return a line for each table; commit nothing.

    Args:
        session: does all of it in one transaction.
        count: how many sample customers there are to be, or `None` for no sample data.
    """
    report = [seed_categories(session)]
    if count is not None:
        samples = Samples()
        report.append(seed_products(session, samples.products))
        report += seed_customers(session, samples.invent_customers(count))
    return report


def insert_missing(session: Session, table: type[Row], rows: list[dict[str, Any]]) -> Sequence[Row]:
    """Insert the rows whose key is not taken, and return those.

    The database decides what is taken, in the moment of the insert: a look beforehand would miss what another seed
    inserts at the same time.
    """
    if not rows:  # SQLAlchemy would take it for one row of defaults
        return []
    return session.scalars(insert(table).on_conflict_do_nothing().returning(table), rows).all()


def describe(table: str, rows: Sequence[object], new: Sequence[object]) -> str:
    """Say how many rows were created, and how many left alone because their key is taken."""
    return f"{table}: {len(new)} created, {len(rows) - len(new)} left alone"


def seed_categories(session: Session) -> str:
    """Insert the categories that are missing."""
    rows = [{"slug": slug, "name": name} for slug, name in CATEGORIES.items()]
    return describe("categories", rows, insert_missing(session, Category, rows))


def seed_products(session: Session, products: list[SampleProduct]) -> str:
    """Insert the sample products that are missing."""
    category_ids = {category.slug: category.id for category in session.exec(select(Category))}
    rows = [
        {
            "category_id": category_ids[product.category],
            "sku": product.sku,
            "name": product.name,
            "price": product.price,
        }
        for product in products
    ]
    return describe("products", rows, insert_missing(session, Product, rows))


def seed_customers(session: Session, customers: list[SampleCustomer]) -> list[str]:
    """Insert the sample customers that are missing, and their orders: all others have theirs, or are not ours."""
    rows = [{"name": customer.name, "email": customer.email} for customer in customers]
    new = insert_missing(session, Customer, rows)
    ids = {customer.email: customer.id for customer in new}
    orders = [
        (ids[customer.email], order)
        for customer in customers
        if customer.email in ids
        for order in customer.orders
    ]
    return [describe("customers", rows, new), *place_orders(session, orders)]


def place_orders(session: Session, orders: list[tuple[int | None, SampleOrder]]) -> list[str]:
    """Insert orders, each with the id of its customer, and their lines with the prices that are stored."""
    if not orders:
        return ["orders: 0 created", "order_lines: 0 created"]
    order_ids = session.scalars(
        insert(Order).returning(col(Order.id), sort_by_parameter_order=True),
        [{"customer_id": customer_id, "placed_at": order.placed_at} for customer_id, order in orders],
    ).all()
    products = {product.sku: product for product in session.exec(select(Product))}
    lines = [
        {
            "order_id": order_id,
            "product_id": products[sku].id,
            "quantity": quantity,
            "unit_price": products[sku].price,
        }
        for order_id, (_, order) in zip(order_ids, orders, strict=True)
        for sku, quantity in order.quantities.items()
    ]
    session.execute(insert(OrderLine), lines)
    return [f"orders: {len(orders)} created", f"order_lines: {len(lines)} created"]


def count_of(text: str) -> int:
    """Read a number of rows from the command line."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is no whole number of at least 0")
    return int(text)


def main() -> None:
    """Seed as the command line and the settings say; exit with 2 if they are invalid, and with 1 if the seed fails."""
    parser = ArgumentParser(prog="python -m seeding_data.seed", description=__doc__)
    parser.add_argument(
        "--customers", type=count_of, metavar="N", help="so many sample customers; in development"
    )
    wanted = parser.parse_args().customers
    environment = settings.app_env
    if environment not in CUSTOMERS:
        parser.error(f"APP_ENV is {environment!r}, which is none of: {', '.join(CUSTOMERS)}")
    if wanted is not None and environment != "development":
        parser.error(f"--customers is for development only, and APP_ENV is {environment}")
    try:
        with open_database() as engine, Session(engine) as session:
            report = seed(session, CUSTOMERS[environment] if wanted is None else wanted)
            session.commit()
    except SQLAlchemyError as error:
        sys.exit(f"Nothing was seeded. {error}")
    print(*report, sep="\n")


if __name__ == "__main__":
    main()
