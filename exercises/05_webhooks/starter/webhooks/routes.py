"""The path that the CRM sends its webhooks to."""

from fastapi import APIRouter, HTTPException, status

from .models import Receipt

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


@router.post("/crm", status_code=status.HTTP_202_ACCEPTED)
async def receive_crm_webhook() -> Receipt:
    """Receive a webhook of the CRM: anything that is signed rightly."""
    raise NOT_WRITTEN_YET
