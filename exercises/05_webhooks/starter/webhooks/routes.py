"""The path that the CRM sends its webhooks to."""

from fastapi import APIRouter, HTTPException, status

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

NOT_WRITTEN_YET = HTTPException(status.HTTP_501_NOT_IMPLEMENTED, "This body is yours to write.")


@router.post("/crm", status_code=status.HTTP_202_ACCEPTED)
async def receive_crm_webhook() -> dict[str, str]:
    """Receive a webhook of the CRM; its signature is all that is looked at."""
    raise NOT_WRITTEN_YET
