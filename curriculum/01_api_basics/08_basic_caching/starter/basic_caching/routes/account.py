"""The path of a customer's own account. It works; still missing: who may store the response."""

from typing import Annotated

from fastapi import APIRouter, Header, status

from shared.problems import problem_responses
from shared.text import NonBlank

from ..models import Account

router = APIRouter(tags=["account"])


@router.get("/account", responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT))
def read_account(x_user: Annotated[NonBlank, Header()]) -> Account:
    """Read the account of the user that `X-User` names."""
    return Account(user=x_user)
