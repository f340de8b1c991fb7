"""Assembles the meeting scheduler."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, status

from shared.database import utc_now
from shared.problems import install_problem_handlers

from . import database, routes, service
from .errors import SlotNotFoundError, SlotTakenError
from .settings import settings


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the table and its first slots before the first request, and close the database after the last."""
    with database.open_alone() as session:
        service.add_first_slots(session, today=settings.scheduler_today or utc_now().date())
    yield
    database.close()


app = FastAPI(title="Meeting scheduler", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(
    app, {SlotNotFoundError: status.HTTP_404_NOT_FOUND, SlotTakenError: status.HTTP_409_CONFLICT}
)
