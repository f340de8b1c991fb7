"""The app of SkillSync."""

from fastapi import FastAPI

from .database import prepare
from .routers import challenges, feedback, paths, users

prepare()
app = FastAPI(title="SkillSync")
for module in (users, challenges, feedback, paths):
    app.include_router(module.router)
