"""The jobs: kept in memory, and each done by a task of its own while the server answers other requests."""

import asyncio
from hashlib import sha256
from uuid import UUID, uuid4

from .models import CompanyData, CompleteJob, Job, PendingJob
from .settings import settings

INDUSTRIES = ["Software", "Retail", "Logistics", "Health care", "Education", "Energy", "Insurance"]

jobs: dict[UUID, Job] = {}
wanted: dict[UUID, str] = {}
tasks: set[asyncio.Task[None]] = set()


def start_job(company_domain: str) -> UUID:
    """Make a job, and return its id; nobody has asked for its data yet."""
    job_id = uuid4()
    jobs[job_id] = PendingJob(job_id=job_id)
    wanted[job_id] = company_domain
    return job_id


def begin_job(job_id: UUID) -> None:
    """Begin a job when somebody asks for it first."""
    company_domain = wanted.pop(job_id, None)
    if company_domain is not None:
        task = asyncio.create_task(do_job(job_id, company_domain))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


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
