"""Links by which customers see one of their orders without a password. The key should not be here."""

import hmac

KEY = "links-of-the-corner-shop-7Hq2mWc9"


def sign_link(order_id: int) -> str:
    """Return the signature of the link to an order, which nobody else can make."""
    return hmac.digest(KEY.encode(), str(order_id).encode(), "sha256").hex()
