"""What the shop does after a response."""

import asyncio

from .metrics import measure_job
from .settings import settings


class MailError(Exception):
    """The mail server refuses an address."""


async def send_receipt(email: str) -> None:
    """Send the receipt of an order.

    Raises:
        MailError: the address ends with `.invalid`.
    """
    with measure_job("send_receipt"):
        await asyncio.sleep(settings.receipt_seconds)
        if email.endswith(".invalid"):
            raise MailError(email)
