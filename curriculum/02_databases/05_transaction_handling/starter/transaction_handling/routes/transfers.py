"""The path of the transfers."""

from typing import Annotated

from fastapi import APIRouter, Header, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import NewTransfer, TransferPublic
from ..tables import Transfer

router = APIRouter(prefix="/transfers", tags=["transfers"])
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=80)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=TransferPublic,
    responses=problem_responses(404, 409, 422, 500),
)
def transfer(new: NewTransfer, session: SessionDep, idempotency_key: IdempotencyKey = None) -> Transfer:
    """Move money; with an `Idempotency-Key`, a request that is sent again gets the first one's response."""
    return service.transfer(session, new, idempotency_key)
