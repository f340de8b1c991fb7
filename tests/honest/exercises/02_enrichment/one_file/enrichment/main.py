"""Company data in the background: one asyncio task for each job, and dictionaries for what it finds."""

import asyncio
import hashlib
import os
import re
import uuid
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel

SECONDS = float(os.environ.get("ENRICHMENT_SECONDS", "15"))
INDUSTRIES = ["Banking", "Farming", "Retail", "Software", "Transport"]
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)

app = FastAPI(title="Enrichment")
jobs: dict[uuid.UUID, dict[str, Any]] = {}
tasks: set[asyncio.Task[None]] = set()


@app.exception_handler(RequestValidationError)
async def refuse(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, without the input: it may be NaN, which JSON cannot hold."""
    return JSONResponse({"detail": [fault["msg"] for fault in error.errors()]}, 422)


def check_domain(domain: str) -> str:
    """Give the domain back, or raise a ValueError if it is no host name."""
    labels = domain.split(".")
    if len(domain) > 253 or len(labels) < 2:
        raise ValueError("a domain has two labels or more, and 253 characters at most")
    if not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError("a label has 1 to 63 letters, digits and hyphens, with no hyphen at its ends")
    if not labels[-1][0].isalpha():
        raise ValueError("the last label begins with a letter")
    return domain


class EnrichmentRequest(BaseModel):
    """What a client sends."""

    company_domain: Annotated[str, AfterValidator(check_domain)]


async def ask_provider(domain: str) -> dict[str, Any]:
    """Make up what the slow provider would say of a company."""
    await asyncio.sleep(SECONDS)
    digest = hashlib.md5(domain.lower().encode(), usedforsecurity=False).digest()
    return {
        "company_size": 1 + int.from_bytes(digest[:2]),
        "industry": INDUSTRIES[digest[2] % len(INDUSTRIES)],
    }


async def run_job(job: dict[str, Any], domain: str) -> None:
    """Ask the provider, and note the answer in the job."""
    job["data"] = await ask_provider(domain)
    job["status"] = "complete"


@app.post("/enrich", status_code=202)
async def start_job(wanted: EnrichmentRequest) -> dict[str, uuid.UUID]:
    """Start a job and give its id."""
    job_id = uuid.uuid4()
    jobs[job_id] = {"job_id": job_id, "status": "pending"}
    task = asyncio.create_task(run_job(jobs[job_id], wanted.company_domain))
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return {"job_id": job_id}


@app.get("/enrich/{job_id}")
async def read_job(job_id: uuid.UUID) -> dict[str, Any]:
    """Give the job with this id."""
    if job_id not in jobs:
        raise HTTPException(404, "There is no such job.")
    return jobs[job_id]
