"""The path of the categories."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlmodel import col, select

from .database import SessionDep
from .models import CategoryPublic
from .tables import Category

router = APIRouter(prefix="/categories", tags=["categories"])


@router.get("", response_model=list[CategoryPublic])
def list_categories(session: SessionDep) -> Sequence[Category]:
    """List all categories, sorted by slug."""
    return session.exec(select(Category).order_by(col(Category.slug))).all()
