"""The shop's paths."""

from fastapi import APIRouter, status

from shared.problems import problem_responses

from .links import sign_link
from .models import Config, Signed
from .payments import sign_payment
from .settings import settings

router = APIRouter(tags=["shop"])


@router.get("/config")
def read_config() -> Config:
    """Read the settings in use; no value of a secret is among them."""
    return Config(
        app_env=settings.app_env,
        shop_name=settings.shop_name,
        page_size=settings.page_size,
        guest_orders=settings.guest_orders,
        secret_key=settings.is_set("secret_key"),
        database_url=settings.is_set("database_url"),
        payment_api_key=settings.is_set("payment_api_key"),
    )


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
    raise ConnectionError(f"The database on {settings.database_host} does not answer.")
