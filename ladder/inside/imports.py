"""Tells whether a process that has imported an app can be forked into its servers."""

import os
import signal
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


def finish_import(app: Any) -> None:
    """Do what libraries put off until the first request.

    Starlette builds its middleware, FastAPI prepares its routes, and SQLAlchemy configures its mappers.
    """
    if getattr(app, "middleware_stack", app) is None:
        app.middleware_stack = app.build_middleware_stack()
    scope = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": [], "path_params": {}}
    for route in getattr(app, "routes", []):  # any ASGI app will do
        route.matches(scope)
    if "sqlalchemy.orm" in sys.modules:
        sys.modules["sqlalchemy.orm"].configure_mappers()


def traces(writable: str) -> list[Any]:
    """Return what this process has, or has left somewhere, that a forked child would share with it or lack."""
    own = Path("/proc/self")
    return [
        os.fstat(1).st_size,
        *(sorted(place.iterdir()) for place in (own / "fd", own / "task")),
        files_below(writable),
        (own / "task" / str(os.getpid()) / "children").read_text(),
        [line for line in (own / "maps").read_text().splitlines() if line.split()[1].endswith("s")],
        # uvicorn sets some before it imports the app, whose own would be lost.
        [signal.getsignal(number) for number in signal.valid_signals()],
        tempfile.tempdir,  # known as soon as anybody has made a temporary file
    ]


def files_below(folder: str) -> list[tuple[str, int, int, int]]:
    """Return what lies in a folder: when it was changed, its size and its kind; compiled modules are left out."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(place, name) != sys.pycache_prefix]  # noqa: PTH118
        for name in (*folders, *names):
            path = os.path.join(place, name)  # noqa: PTH118
            with suppress(OSError):
                status = os.lstat(path)
                changed = 0 if stat.S_ISDIR(status.st_mode) else status.st_mtime_ns
                found.append((path, changed, status.st_size, status.st_mode))
    return sorted(found)
