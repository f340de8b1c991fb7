"""The app of SkillSync."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from .database import prepare
from .routers import challenges, feedback, labels, paths, users

prepare()
app = FastAPI(title="SkillSync")
for module in (users, challenges, feedback, paths, labels):
    app.include_router(module.router)


@app.exception_handler(RequestValidationError)
def refuse(_request: Request, error: RequestValidationError) -> Response:
    """Say where a request is not valid; what was sent may be no JSON, so it is not repeated."""
    places = "\n".join(" ".join(map(str, fault["loc"])) for fault in error.errors())
    return Response(places, 422, media_type="text/plain")
