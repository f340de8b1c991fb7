"""Links by which customers see one of their orders without a password."""

import hmac

from .settings import settings


def sign_link(order_id: int) -> str:
    """Return the signature of the link to an order, which nobody else can make."""
    key = settings.secret_key.get_secret_value()
    return hmac.digest(key.encode(), str(order_id).encode(), "sha256").hex()
