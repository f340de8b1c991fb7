"""The path that the CRM sends its webhooks to."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, status

from .models import ErrorMessage, Receipt
from .service import verify
from .settings import settings

MAX_BODY_SIZE = 1024 * 1024

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/webhooks", tags=["webhooks"])


async def get_body(request: Request) -> bytes:
    """Return the body as it was sent; answer 413 as soon as too much of it has arrived, and keep nothing more."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_SIZE:
            raise HTTPException(
                status.HTTP_413_CONTENT_TOO_LARGE, f"The body has more than {MAX_BODY_SIZE} bytes."
            )
    return bytes(body)


BodyDep = Annotated[bytes, Depends(get_body)]


def get_signed_body(request: Request, body: BodyDep) -> bytes:
    """Return the body if its one signature is right; answer 400 to none, and 403 to any other."""
    signatures = request.headers.getlist("X-CRM-Signature")
    if not signatures:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "The header X-CRM-Signature is missing.")
    secret = settings.crm_webhook_secret.get_secret_value().encode()
    # Latin-1 gives back the bytes that were sent: a header need not be ASCII.
    sent, *others = [signature.encode("latin-1") for signature in signatures]
    if others or not verify(secret, body, sent):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "The signature is not that of this body.")
    return body


SignedBodyDep = Annotated[bytes, Depends(get_signed_body)]


@router.post(
    "/crm",
    status_code=status.HTTP_202_ACCEPTED,
    responses={
        status.HTTP_400_BAD_REQUEST: {"model": ErrorMessage},
        status.HTTP_403_FORBIDDEN: {"model": ErrorMessage},
        status.HTTP_413_CONTENT_TOO_LARGE: {"model": ErrorMessage},
    },
)
def receive_crm_webhook(body: SignedBodyDep) -> Receipt:
    """Receive a webhook of the CRM, signed in the header `X-CRM-Signature`; any body will do."""
    logger.info("webhook received bytes=%d", len(body))
    return Receipt(status="received")
