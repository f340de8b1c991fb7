"""Takes leads over HTTP."""

from uuid import uuid4

from fastapi import APIRouter, FastAPI, status

from shared.problems import install_problem_handlers

from .leads import Lead, Verdict
from .rules import objections

router = APIRouter(prefix="/leads", tags=["leads"])


@router.post("", status_code=status.HTTP_201_CREATED)
def submit_lead(lead: Lead) -> Verdict:
    """Take a lead and give the verdict on it."""
    against = objections(lead)
    if not against:
        return Verdict(uuid4(), "Qualified", None, lead)
    return Verdict(uuid4(), "Unqualified", against, lead)


app = FastAPI(title="Lead ingestion")
app.include_router(router)
install_problem_handlers(app)
