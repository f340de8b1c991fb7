"""Signatures as the CRM makes them: HMAC-SHA-256 (RFC 2104, FIPS 198-1) over bytes, in lower-case hex."""

import hmac


def sign(secret: bytes, body: bytes) -> bytes:
    """Return the signature of a body."""
    return hmac.digest(secret, body, "sha256").hex().encode()


def verify(secret: bytes, body: bytes, signature: bytes) -> bool:
    """Return whether a signature is right, in a time that does not depend on how much of it is."""
    return hmac.compare_digest(sign(secret, body), signature)
