"""Leads on plain Starlette: the body is read, checked and judged by hand."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TEXTS = ["first_name", "last_name", "company_name", "role"]
ROLES = ["CEO", "CTO", "Founder", "VP of Engineering"]
FREE_PROVIDERS = ["gmail.com", "yahoo.com", "outlook.com"]
LOCAL_CHARACTERS = set("!#$%&'*+-/=?^_`{|}~.")
LABEL = re.compile("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def is_text(value: Any) -> bool:
    """Say whether this is a string with something in it, which can be written as UTF-8."""
    return isinstance(value, str) and bool(value.strip()) and not re.search("[\ud800-\udfff]", value)


def is_address(value: Any) -> bool:
    """Say whether this is an email address."""
    if not is_text(value) or value.count("@") != 1:
        return False
    local_part, domain = value.strip(" ").split("@")
    labels = domain.split(".")
    return (
        all(part for part in local_part.split("."))
        and all(sign in LOCAL_CHARACTERS or (sign.isascii() and sign.isalnum()) for sign in local_part)
        and len(labels) > 1
        and all(LABEL.fullmatch(label) for label in labels)
    )


def faults_of(lead: Any) -> Iterator[str]:
    """Name what is wrong with a payload."""
    if not isinstance(lead, dict):
        yield "body"
        return
    yield from (name for name in TEXTS if not is_text(lead.get(name)))
    if not is_address(lead.get("email")):
        yield "email"
    size = lead.get("company_size")
    if type(size) is not int or size < 1:
        yield "company_size"


def notes_on(lead: dict[str, Any]) -> Iterator[str]:
    """Say why a lead does not qualify."""
    domain = lead["email"].strip().lower().split("@")[1]
    if domain in FREE_PROVIDERS:
        yield f"{lead['email'].strip()} is a private address."
    if lead["role"].strip().lower() not in map(str.lower, ROLES):
        yield f"We need {' or '.join(ROLES)}, and not: {lead['role']}"
    if lead["company_size"] <= 10:
        yield f"{lead['company_size']} people are not enough."


async def submit(request: Request) -> JSONResponse:
    """Judge a lead."""
    try:
        sent = json.loads(await request.body())
    except ValueError:
        return JSONResponse({"error": "not JSON"}, 422)
    if faults := list(faults_of(sent)):
        return JSONResponse({"faults": faults}, 422)
    lead = {name: sent[name] for name in [*TEXTS, "email", "company_size"]}
    notes = list(notes_on(lead))
    verdict = {
        "lead_id": str(uuid4()),
        "status": "Unqualified" if notes else "Qualified",
        "qualification_notes": notes or None,
        "lead": lead,
    }
    return JSONResponse(verdict, 201)


app = Starlette(routes=[Route("/leads", submit, methods=["POST"])])
