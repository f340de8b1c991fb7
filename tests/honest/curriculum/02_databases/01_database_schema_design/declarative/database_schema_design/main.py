"""The payloads, the paths, and what is refused."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, status
from pydantic import BaseModel, ConfigDict, EmailStr, StrictInt, StringConstraints, model_validator
from sqlalchemy import create_engine, delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.problems import install_problem_handlers

from .tables import Address, Base, Category, Customer, Order, OrderLine, Product

BIGGEST = 2**63 - 1
Text80 = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", strict=True)]
router = APIRouter()


class MissingError(Exception):
    """There is no such row."""


class TakenError(Exception):
    """The database refuses it."""


class NewCustomer(BaseModel):
    name: Text80
    email: EmailStr


class NewAddress(BaseModel):
    street: Text80
    city: Text80


class NewCategory(BaseModel):
    name: Text80


class NewProduct(BaseModel):
    name: Text80
    price: float | int
    category_ids: list[StrictInt] = []

    model_config = ConfigDict(strict=True)

    @model_validator(mode="after")
    def check(self) -> "NewProduct":
        """Refuse other prices and repeated categories."""
        if (
            isinstance(self.price, bool)
            or not 0 <= self.price <= 1_000_000
            or round(self.price, 2) != self.price
        ):
            raise ValueError("no price")
        if len(set(self.category_ids)) < len(self.category_ids):
            raise ValueError("a category twice")
        return self


class NewLine(BaseModel):
    product_id: StrictInt
    quantity: StrictInt

    @model_validator(mode="after")
    def check(self) -> "NewLine":
        """Refuse other quantities."""
        if self.quantity not in range(1, 1_001):
            raise ValueError("no quantity")
        return self


class NewOrder(BaseModel):
    customer_id: StrictInt
    lines: list[NewLine]

    @model_validator(mode="after")
    def check(self) -> "NewOrder":
        """Refuse no lines, and two of a product."""
        if not self.lines or len({line.product_id for line in self.lines}) < len(self.lines):
            raise ValueError("no line for each product")
        return self


def open_session(request: Request) -> Iterator[Session]:
    """Open a session, and translate what the database refuses at its commits."""
    with Session(request.state.engine, expire_on_commit=False) as session:
        try:
            yield session
        except IntegrityError as error:
            raise TakenError("The database refuses this.") from error


Db = Annotated[Session, Depends(open_session)]


def find(session: Session, table: Any, row_id: int) -> Any:
    """Return a row, locked so that nobody deletes it meanwhile."""
    row = None
    if -BIGGEST <= row_id <= BIGGEST:
        row = session.get(table, row_id, with_for_update={"key_share": True, "read": True})
    if row is None:
        raise MissingError(f"No row {row_id}.")
    return row


def store(session: Session, row: Any) -> None:
    """Store a row."""
    session.add(row)
    session.commit()


def plain(row: Any, *names: str) -> dict[str, Any]:
    """Return some of a row's columns."""
    return {name: getattr(row, name) for name in names}


def order_of(order: Order) -> dict[str, Any]:
    """Return an order as it is answered."""
    return {
        "id": order.id,
        "customer_id": order.customer_id,
        "placed_at": order.placed_at.astimezone(UTC).isoformat(),
        "lines": [
            {"product_id": line.product_id, "quantity": line.quantity, "unit_price": float(line.unit_price)}
            for line in order.lines
        ],
        "total": float(sum((line.quantity * line.unit_price for line in order.lines), Decimal(0))),
    }


@router.post("/customers", status_code=201)
def create_customer(new: NewCustomer, session: Db) -> dict[str, Any]:
    customer = Customer(**new.model_dump())
    store(session, customer)
    return plain(customer, "id", "name", "email")


@router.delete("/customers/{customer_id}", status_code=204)
def delete_customer(customer_id: int, session: Db) -> None:
    if not -BIGGEST <= customer_id <= BIGGEST:
        raise MissingError("No such customer.")
    gone = session.scalar(delete(Customer).where(Customer.id == customer_id).returning(Customer.id))
    session.commit()
    if gone is None:
        raise MissingError("No such customer.")


@router.post("/customers/{customer_id}/addresses", status_code=201)
def add_address(customer_id: int, new: NewAddress, session: Db) -> dict[str, Any]:
    find(session, Customer, customer_id)
    address = Address(customer_id=customer_id, **new.model_dump())
    store(session, address)
    return plain(address, "id", "customer_id", "street", "city")


@router.get("/customers/{customer_id}/orders")
def list_orders(customer_id: int, session: Db) -> list[dict[str, Any]]:
    find(session, Customer, customer_id)
    orders = session.scalars(select(Order).where(Order.customer_id == customer_id).order_by(Order.id))
    return [order_of(order) for order in orders]


@router.post("/categories", status_code=201)
def create_category(new: NewCategory, session: Db) -> dict[str, Any]:
    category = Category(name=new.name)
    store(session, category)
    return plain(category, "id", "name")


@router.post("/products", status_code=201)
def create_product(new: NewProduct, session: Db) -> dict[str, Any]:
    categories = [find(session, Category, category_id) for category_id in sorted(new.category_ids)]
    product = Product(name=new.name, price=Decimal(str(new.price)), categories=categories)
    store(session, product)
    return plain(product, "id", "name") | {
        "price": float(product.price),
        "categories": [plain(category, "id", "name") for category in categories],
    }


@router.post("/orders", status_code=201)
def place_order(new: NewOrder, session: Db) -> dict[str, Any]:
    find(session, Customer, new.customer_id)
    order = Order(customer_id=new.customer_id, lines=[])
    for line in sorted(new.lines, key=lambda line: line.product_id):
        product = find(session, Product, line.product_id)
        order.lines.append(OrderLine(product_id=product.id, quantity=line.quantity, unit_price=product.price))
    store(session, order)
    session.refresh(order)
    return order_of(order)


@router.get("/orders/{order_id}")
def read_order(order_id: int, session: Db) -> dict[str, Any]:
    return order_of(find(session, Order, order_id))


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Create the tables under a lock, and close all connections at the end."""
    engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        Base.metadata.create_all(connection)
    yield {"engine": engine}
    engine.dispose()


app = FastAPI(lifespan=lifespan)
app.include_router(router)
install_problem_handlers(app, {MissingError: status.HTTP_404_NOT_FOUND, TakenError: status.HTTP_409_CONFLICT})
