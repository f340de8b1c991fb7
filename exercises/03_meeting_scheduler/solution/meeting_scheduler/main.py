"""Assembles the meeting scheduler."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI, status
from sqlalchemy import Engine

from shared.database import utc_now
from shared.problems import install_problem_handlers

from . import database, routes, service
from .errors import NotFoundError, SlotTakenError
from .settings import settings


class State(TypedDict):
    """What the lifespan gives to each request, as `request.state`."""

    engine: Engine


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
    """Open the database and add the first slots before the first request; close the database after the last."""
    with database.open_database() as engine:
        with database.open_start_session(engine) as session:
            service.add_first_slots(session, today=settings.scheduler_today or utc_now().date())
        yield {"engine": engine}


app = FastAPI(title="Meeting scheduler", lifespan=lifespan)
app.include_router(routes.router)
install_problem_handlers(
    app, {NotFoundError: status.HTTP_404_NOT_FOUND, SlotTakenError: status.HTTP_409_CONFLICT}
)
