"""The app of SkillSync."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.problems import install_problem_handlers

from .database import create_tables, engine
from .errors import STATUSES
from .routers import challenges, feedback, labels, paths, users


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables at the start, and close all connections at the end."""
    create_tables()
    yield
    engine.dispose()


app = FastAPI(title="SkillSync", lifespan=lifespan)
install_problem_handlers(app, STATUSES)
app.include_router(users.router)
app.include_router(challenges.router)
app.include_router(feedback.router)
app.include_router(paths.router)
app.include_router(labels.router)
