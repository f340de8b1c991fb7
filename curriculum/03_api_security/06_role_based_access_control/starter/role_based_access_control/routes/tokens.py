"""The path of the tokens."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import Credentials, TokenPublic

router = APIRouter(tags=["tokens"])


@router.post("/token", responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT))
def create_token(sent: Credentials, session: SessionDep) -> TokenPublic:
    """Log in; the token is for the header `Authorization: Bearer …`."""
    return TokenPublic(access_token=service.create_token(session, sent))
