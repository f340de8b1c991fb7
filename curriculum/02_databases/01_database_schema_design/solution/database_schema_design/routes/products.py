"""The path of the products."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import ProductCreate, ProductPublic
from ..tables import Product

router = APIRouter(prefix="/products", tags=["products"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=ProductPublic,
    responses=problem_responses(404, 409, 422),
)
def create_product(new: ProductCreate, session: SessionDep) -> Product:
    """Create a product in these categories."""
    return service.create_product(session, new)
