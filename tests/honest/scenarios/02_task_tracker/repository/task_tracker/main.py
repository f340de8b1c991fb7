"""Puts the layers together."""

from fastapi import FastAPI

from shared.database import open_engine
from shared.problems import install_problem_handlers

from .api import router
from .repository import TaskRepository
from .service import TaskNotFoundError, TaskService
from .settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Make the app for these settings."""
    repository = TaskRepository(open_engine(settings.database_url))
    repository.create_tables()
    app = FastAPI(title="Task tracker")
    app.state.tasks = TaskService(repository, settings.clock)
    app.include_router(router)
    install_problem_handlers(app, {TaskNotFoundError: 404})
    return app


app = create_app(Settings())
