"""The service: it starts the watcher of the file, and answers from what the watcher has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from pydantic import AfterValidator, BaseModel
from pydantic_settings import BaseSettings

from .watcher import ExperimentsFile


class Settings(BaseSettings):
    """What the environment decides."""

    experiments_file: Path = Path(__file__).with_name("experiments.json")


def not_blank(text: str) -> str:
    """Refuse white space."""
    if text.isspace() or not text:
        raise ValueError("it must not be blank")
    return text


Text = Annotated[str, AfterValidator(not_blank)]


class Key(BaseModel):
    """Who is asked for, and in which experiment."""

    experiment_name: Text
    user_id: Text


class Assignment(Key):
    """Which variant it is."""

    variant: str


router = APIRouter()


@router.get("/assign")
async def assign(request: Request, key: Annotated[Key, Query()]) -> Assignment:
    """Assign a user."""
    file: ExperimentsFile = request.app.state.file
    variant = file.experiments.assign(key.experiment_name, key.user_id)
    if variant is None:
        raise HTTPException(404, f"There is no experiment {key.experiment_name}.")
    return Assignment(**key.model_dump(), variant=variant)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Follow the file while the app serves."""
    app.state.file = ExperimentsFile(Settings().experiments_file)
    following = asyncio.create_task(app.state.file.follow())
    yield
    following.cancel()


app = FastAPI(title="A/B tests", lifespan=lifespan)
app.include_router(router)
