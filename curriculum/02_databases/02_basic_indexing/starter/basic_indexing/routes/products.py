"""The path of the products."""

from collections.abc import Sequence

from fastapi import APIRouter

from shared.problems import problem_responses

from .. import queries
from ..database import SessionDep
from ..models import ProductPublic, SearchText
from ..tables import Product

router = APIRouter(prefix="/products", tags=["products"])


@router.get("", response_model=list[ProductPublic], responses=problem_responses(422))
def find_products(name: SearchText, session: SessionDep) -> Sequence[Product]:
    """Find the products whose name has this beginning; sorted by name, twenty at most."""
    return session.exec(queries.products_by_name(name)).all()
