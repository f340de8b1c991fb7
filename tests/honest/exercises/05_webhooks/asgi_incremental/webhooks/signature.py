"""A body that is signed while it arrives."""

import hashlib
import hmac
from secrets import compare_digest


class TooLargeError(Exception):
    """More bytes arrived than are taken."""


class SignedBody:
    """Counts and signs the bytes of a body, and forgets them.

    Args:
        key: what the body is signed with.
        limit: how many bytes it may have.
    """

    def __init__(self, key: bytes, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._mac = hmac.new(key, digestmod=hashlib.sha256)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, or raise a TooLargeError."""
        self.size += len(chunk)
        if self.size > self._limit:
            raise TooLargeError
        self._mac.update(chunk)

    def is_signed_by(self, signature: bytes) -> bool:
        """Tell whether this is the signature of all the bytes so far."""
        return compare_digest(self._mac.hexdigest().encode("ascii"), signature)
