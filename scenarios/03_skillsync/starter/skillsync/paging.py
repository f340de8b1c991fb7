"""Pages: every list is sent in them."""

from math import ceil
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field
from sqlmodel import Session, func, select
from sqlmodel.sql.expression import Select, SelectOfScalar

Item = TypeVar("Item")


class PageQuery(BaseModel):
    """Which page of a list a client asks for."""

    page: int = Field(default=1, ge=1)
    size: int = Field(default=10, ge=1, le=100)


PageQueryDep = Annotated[PageQuery, Query()]


class Page(BaseModel, Generic[Item]):
    """One page of a list, and how much there is in all."""

    items: list[Item]
    page: int
    size: int
    total: int
    pages: int


def read_page(
    session: Session, statement: SelectOfScalar[Any] | Select[Any, Any], wanted: PageQuery
) -> Page[Any]:
    """Return one page of what a statement selects; beyond the end, the database is not asked for rows."""
    total = session.exec(select(func.count()).select_from(statement.order_by(None).subquery())).one()
    offset = (wanted.page - 1) * wanted.size
    items = session.exec(statement.offset(offset).limit(wanted.size)).all() if offset < total else []
    return Page(
        items=list(items), page=wanted.page, size=wanted.size, total=total, pages=ceil(total / wanted.size)
    )
