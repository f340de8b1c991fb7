"""The paths of the accounts."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import AccountCreate, AccountPublic
from ..tables import Account

router = APIRouter(prefix="/accounts", tags=["accounts"])


def get_account(account_id: int, session: SessionDep) -> Account:
    """Return the account with this id, or answer 404."""
    return service.get(session, Account, account_id)


AccountDep = Annotated[Account, Depends(get_account)]


@router.post(
    "", status_code=status.HTTP_201_CREATED, response_model=AccountPublic, responses=problem_responses(422)
)
def open_account(new: AccountCreate, session: SessionDep) -> Account:
    """Open an account with a balance."""
    return service.open_account(session, new)


@router.get("/{account_id}", response_model=AccountPublic, responses=problem_responses(404, 422))
def read_account(account: AccountDep) -> Account:
    """Read one account."""
    return account
