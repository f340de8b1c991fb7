"""The jobs: kept in memory, and each done by a task of its own while the server answers other requests."""

import asyncio
from hashlib import sha256
from uuid import UUID, uuid4

from .models import CompanyData, CompleteJob, Job, PendingJob
from .settings import settings

INDUSTRIES = ["Software", "Retail", "Health care"]

jobs: dict[UUID, Job] = {}
tasks: set[asyncio.Task[None]] = set()


def start_job(company_domain: str) -> UUID:
    """Start a job on the running event loop, and return its id without waiting for it."""
    job_id = uuid4()
    jobs[job_id] = PendingJob(job_id=job_id)
    task = asyncio.create_task(do_job(job_id, company_domain))
    tasks.add(task)  # the event loop alone would not keep it from the garbage collector
    task.add_done_callback(tasks.discard)
    return job_id


async def do_job(job_id: UUID, company_domain: str) -> None:
    """Find out about the company, and complete the job."""
    company = await look_up(company_domain)
    jobs[job_id] = CompleteJob(job_id=job_id, data=company)


async def look_up(company_domain: str) -> CompanyData:
    """Imitate a slow provider: make up the data of a company, and the same for the same domain.

    The data comes from a digest of the domain; Python's own `hash` of a text differs from process to process.
    """
    await asyncio.sleep(settings.enrichment_seconds)
    number = int.from_bytes(sha256(company_domain.encode()).digest())
    return CompanyData(company_size=number % 100_000 + 1, industry=INDUSTRIES[number % len(INDUSTRIES)])
