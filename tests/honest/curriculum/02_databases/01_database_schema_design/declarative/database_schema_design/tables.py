"""The tables: each type is annotated once, and each constraint has a name."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Key = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Name = Annotated[str, mapped_column(String)]
Money = Annotated[Decimal, mapped_column(Numeric)]


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_name)s_idx",
            "uq": "%(table_name)s_%(column_0_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[Key]
    name: Mapped[Name]
    email: Mapped[str] = mapped_column(Text)


Index("one_customer_for_each_email", func.lower(Customer.email), unique=True)


class Address(Base):
    __tablename__ = "addresses"

    id: Mapped[Key]
    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(Customer.id, ondelete="CASCADE"), index=True
    )
    street: Mapped[Name]
    city: Mapped[Name]


class Category(Base):
    __tablename__ = "categories"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Key]
    name: Mapped[Name]


class ProductCategory(Base):
    __tablename__ = "product_categories"
    __table_args__ = (
        PrimaryKeyConstraint("category_id", "product_id"),
        Index(None, "product_id", "category_id"),
    )

    category_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Category.id, ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("products.id", ondelete="CASCADE"))


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (CheckConstraint("NOT price < 0", name="price"),)

    id: Mapped[Key]
    name: Mapped[Name]
    price: Mapped[Money]
    categories: Mapped[list[Category]] = relationship(
        secondary=ProductCategory.__table__, order_by=Category.id, lazy="selectin"
    )


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id"], [Customer.id]),
        Index(None, "customer_id", "id", unique=True),
    )

    id: Mapped[Key]
    customer_id: Mapped[int] = mapped_column(BigInteger)
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.product_id", lazy="selectin")


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity >= 1 AND unit_price >= 0", name="amounts"),
        PrimaryKeyConstraint("order_id", "product_id"),
    )

    order_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Order.id, ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(Product.id, onupdate="CASCADE", ondelete="NO ACTION"), index=True
    )
    quantity: Mapped[int]
    unit_price: Mapped[Money]
