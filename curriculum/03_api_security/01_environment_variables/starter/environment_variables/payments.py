"""What the payment provider gets to see of an order. The key should not be here."""

import hmac

KEY = "payments-live-4tXz81RkPe"


def sign_payment(order_id: int) -> str:
    """Return the signature by which the payment provider knows that an order is ours."""
    return hmac.digest(KEY.encode(), str(order_id).encode(), "sha256").hex()
