"""The jobs: each has a thread of its own, since the provider blocks."""

from dataclasses import dataclass, field
from threading import Thread
from uuid import UUID, uuid4

from .provider import Company, FakeProvider


@dataclass
class Job:
    """One question to the provider, and its answer as soon as there is one."""

    domain: str
    job_id: UUID = field(default_factory=uuid4)
    company: Company | None = None


class JobService:
    """Starts jobs and remembers them as long as the process runs."""

    def __init__(self, provider: FakeProvider) -> None:
        self._provider = provider
        self._jobs: dict[UUID, Job] = {}

    def start(self, domain: str) -> Job:
        """Start a job; its thread is a daemon, so the end of the process does not wait for it."""
        job = Job(domain)
        self._jobs[job.job_id] = job
        Thread(target=self._work, args=[job], daemon=True).start()
        return job

    def find(self, job_id: UUID) -> Job | None:
        """Give the job with this id, or None."""
        return self._jobs.get(job_id)

    def _work(self, job: Job) -> None:
        job.company = self._provider.look_up(job.domain)
