"""The engine, a session for each request, and what every router asks of it."""

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shared.database import open_engine

from .errors import NotFoundError, UnknownReferenceError
from .schemas import Page, PageQuery
from .settings import Settings
from .tables import Base

engine = open_engine(Settings().database_url)
Row = TypeVar("Row", bound=Base)


def create_tables() -> None:
    """Create the tables that are missing."""
    Base.metadata.create_all(engine)


def open_session() -> Iterator[Session]:
    """Open a session for one request; whoever writes commits, before the answer is sent."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


DatabaseSession = Annotated[Session, Depends(open_session)]


def find(session: Session, table: type[Row], row_id: int) -> Row:
    """Give the row that a path names, or raise NotFoundError."""
    row = session.get(table, row_id) if abs(row_id) < 2**63 else None
    if row is None:
        raise NotFoundError(f"There is no {table.__tablename__} {row_id}.")
    return row


def check_references(session: Session, table: Any, ids: list[int]) -> None:
    """Raise UnknownReferenceError unless all rows exist that a payload names."""
    known = set(session.scalars(select(table.id).where(table.id.in_(ids))))
    if unknown := set(ids) - known:
        raise UnknownReferenceError(f"There is no {table.__tablename__} {min(unknown)}.")


def paginate(session: Session, statement: Select[Any], query: PageQuery, *, rows: bool = False) -> Page[Any]:
    """Give one page of what a statement selects: entities, or whole rows."""
    total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    skipped = (query.page - 1) * query.size
    result = session.execute(statement.limit(query.size).offset(min(skipped, total)))
    items: list[Any] = list(result.all() if rows else result.scalars())
    pages = (total + query.size - 1) // query.size
    return Page(items=items, page=query.page, size=query.size, total=total, pages=pages)
