"""The path that the CRM sends its webhooks to."""

import logging
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, status
from pydantic import BaseModel

from .settings import settings
from .signatures import verify

MAX_BODY_SIZE = 1024 * 1024

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/webhooks", tags=["webhooks"])


class Receipt(BaseModel):
    """What the CRM is told about a webhook that has been received."""

    status: Literal["received"] = "received"


async def get_signed_body(request: Request) -> bytes:
    """Give the body as it came if its one signature is right; answer 400 to none, and 403 to any other."""
    body = await request.body()
    signatures = request.headers.getlist("X-CRM-Signature")
    if not signatures:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "The header X-CRM-Signature is missing.")
    secret = settings.crm_webhook_secret.get_secret_value().encode()
    sent = signatures[0].encode("latin-1")  # gives back the bytes that came; a header need not be ASCII
    if len(signatures) > 1 or not verify(secret, body, sent):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "The signature is not that of this body.")
    return body


SignedBodyDep = Annotated[bytes, Depends(get_signed_body)]


@router.post("/crm", status_code=status.HTTP_202_ACCEPTED, max_body_size=MAX_BODY_SIZE)
async def receive_crm_webhook(body: SignedBodyDep) -> Receipt:
    """Receive a webhook of the CRM; its signature is all that is looked at."""
    # An async body, though it awaits nothing: a thread for so little costs more than the rest of the request.
    logger.info("webhook received bytes=%d", len(body))
    return Receipt()
