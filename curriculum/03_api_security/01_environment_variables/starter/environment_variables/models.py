"""The shapes of what a client gets."""

from typing import Literal

from pydantic import BaseModel

IsSet = Literal["set", "not set"]


class Config(BaseModel):
    """The settings in use; of a secret, only whether somebody has set it."""

    app_env: Literal["development", "production"]
    shop_name: str
    page_size: int
    guest_orders: bool
    secret_key: IsSet
    database_url: IsSet
    payment_api_key: IsSet


class Signed(BaseModel):
    """An order's number, and the signature that proves who wrote it."""

    order_id: int
    signature: str
