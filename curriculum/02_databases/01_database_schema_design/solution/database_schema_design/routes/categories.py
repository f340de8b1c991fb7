"""The path of the categories."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import CategoryCreate, CategoryPublic
from ..tables import Category

router = APIRouter(prefix="/categories", tags=["categories"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=CategoryPublic,
    responses=problem_responses(409, 422),
)
def create_category(new: CategoryCreate, session: SessionDep) -> Category:
    """Create a category; its name is unique."""
    return service.create_category(session, new)
