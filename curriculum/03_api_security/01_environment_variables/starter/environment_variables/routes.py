"""The shop's paths.

`read_config` is yours: it answers 501 until you write it. `crash` shows more than it should.
"""

from fastapi import APIRouter, HTTPException, status

from shared.problems import problem_responses

from .links import sign_link
from .models import Config, Signed
from .payments import sign_payment
from .settings import DATABASE_URL

router = APIRouter(tags=["shop"])


@router.get("/config")
def read_config() -> Config:
    """Read the settings in use; no value of a secret is among them."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("/orders/{order_id}/link", responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT))
def read_link(order_id: int) -> Signed:
    """Read the signature of a link to this order."""
    return Signed(order_id=order_id, signature=sign_link(order_id))


@router.get("/orders/{order_id}/payment", responses=problem_responses(status.HTTP_422_UNPROCESSABLE_CONTENT))
def read_payment(order_id: int) -> Signed:
    """Read the signature of this order's payment."""
    return Signed(order_id=order_id, signature=sign_payment(order_id))


@router.get("/crash", responses=problem_responses(status.HTTP_500_INTERNAL_SERVER_ERROR))
def crash() -> None:
    """Fail as if the database did not answer: the log names its host."""
    raise ConnectionError(f"The database on {DATABASE_URL} does not answer.")
