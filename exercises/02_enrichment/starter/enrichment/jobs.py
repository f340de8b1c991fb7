"""The jobs: kept in memory, and each done by a task of its own while the server answers other requests."""

import asyncio
from uuid import UUID

INDUSTRIES = ["Software", "Retail", "Health care"]

tasks: set[asyncio.Task[None]] = set()  # the event loop alone would not keep them from the garbage collector


def start_job(company_domain: str) -> UUID:
    """Start a job on the running event loop, and return its id without waiting for it."""
    raise NotImplementedError("This body is yours to write.")
