"""Takes leads, and tells at once whether they qualify: models, rules and route in one file."""

import re
import uuid
from typing import Annotated, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, StrictInt, StrictStr

SMALL = 10
ROLES = {"CEO", "CTO", "FOUNDER", "VP OF ENGINEERING"}
FREE_PROVIDERS = {"gmail.com", "yahoo.com", "outlook.com"}
LOCAL_PART = r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
ADDRESS = re.compile(rf" *{LOCAL_PART}@({LABEL}\.)+{LABEL} *", re.ASCII | re.IGNORECASE)


def check_text(text: str) -> str:
    """Refuse what is blank, and half of a surrogate pair: UTF-8, and so the response, cannot hold it."""
    if text.isspace() or not text:
        raise ValueError("is blank")
    text.encode()  # a UnicodeEncodeError is a ValueError
    return text


def check_address(text: str) -> str:
    """Refuse what is no email address."""
    if not ADDRESS.fullmatch(text):
        raise ValueError("is not an email address")
    return text


Text = Annotated[StrictStr, AfterValidator(check_text)]


class Lead(BaseModel):
    """A lead as it is submitted, and as it comes back."""

    first_name: Text
    last_name: Text
    email: Annotated[StrictStr, AfterValidator(check_address)]
    company_name: Text
    company_size: Annotated[StrictInt, Field(gt=0)]
    role: Text


class Verdict(BaseModel):
    """What becomes of a lead."""

    lead_id: str
    status: Literal["Qualified", "Unqualified"]
    qualification_notes: list[str] | None
    lead: Lead


app = FastAPI(title="Leads")


@app.exception_handler(RequestValidationError)
async def refuse(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, without the input: it may hold what JSON cannot."""
    return JSONResponse({"errors": [f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors()]}, 422)


@app.post("/leads", status_code=201)
async def submit(lead: Lead) -> Verdict:
    """Take a lead, and qualify it."""
    domain = lead.email.strip().lower().partition("@")[2]
    notes = []
    if lead.company_size <= SMALL:
        notes.append(f"Too small: {lead.company_size} people")
    if lead.role.strip().upper() not in ROLES:
        notes.append(f"Does not decide: {lead.role!r}")
    if domain in FREE_PROVIDERS:
        notes.append(f"Free mail: {domain}")
    return Verdict(
        lead_id=str(uuid.uuid4()),
        status="Unqualified" if notes else "Qualified",
        qualification_notes=notes or None,
        lead=lead,
    )
