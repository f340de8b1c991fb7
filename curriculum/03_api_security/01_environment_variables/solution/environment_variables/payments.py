"""What the payment provider gets to see of an order."""

import hmac

from .settings import settings


def sign_payment(order_id: int) -> str:
    """Return the signature by which the payment provider knows that an order is ours."""
    key = settings.payment_api_key.get_secret_value()
    return hmac.digest(key.encode(), str(order_id).encode(), "sha256").hex()
