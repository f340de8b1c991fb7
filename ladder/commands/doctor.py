"""Tries what the ladder needs of a machine, and says how to mend what does not work."""

import importlib.metadata
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from ladder.base.errors import LadderError
from ladder.commands.watch import events_arrive
from ladder.course.catalog import App, Catalog
from ladder.sandbox.promises import PROMISES, broken_promises
from ladder.services import promises as of_servers
from ladder.services import servers as services
from ladder.services.tools import find_tool
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner

OLDEST_PYTHON = (3, 11)
EXTRAS = ("apps", "engine")
PORT = 8000
BROKEN_PROMISE = (
    "Grade no strangers on this machine: it lets more out of the sandbox than others do. Tell the authors, "
    "with the versions of its kernel (uname -r) and of bwrap (bwrap --version)"
)
HELLO = "from fastapi import FastAPI\n\napp = FastAPI()\n"


@dataclass(frozen=True)
class Diagnosis:
    """What one probe found."""

    what: str
    fault: str | None
    remedy: str
    required: bool = True


def examine(root: Path) -> Iterator[Diagnosis]:
    """Run one probe after the other, the slowest last; each really tries what it is about."""
    probes: list[tuple[str, Callable[[], str | None], str, bool]] = [
        (
            "Python is 3.11 or newer",
            python_is_new,
            "Install a newer Python, then run with it: python3 learn.py",
            True,
        ),
        ("all packages are installed", packages_are_there, "Run: python3 learn.py", True),
        (
            "the exercises are in order",
            lambda: exercises_are_in_order(root),
            "Run: git status, and git restore what is missing",
            True,
        ),
        (
            "the workspace can be written",
            lambda: can_be_written(root),
            f"Make {root} a folder of yours",
            True,
        ),
        (
            "an app starts and answers",
            app_answers,
            "See the reason above; 'python3 learn.py' makes the environment anew",
            True,
        ),
        (
            "PostgreSQL and Redis start",
            services_start,
            "See the reason above; only the exercises that need one are concerned",
            False,
        ),
        (
            "the tests' tools are there",
            lambda: tools_are_there(root),
            "Only the exercises that are judged with them are concerned",
            False,
        ),
        (
            "saved files are noticed",
            lambda: saves_are_noticed(root),
            "Nothing to do: 'ladder watch' looks at the files instead",
            False,
        ),
        ("port 8000 is free", port_is_free, "Pass another one: ladder run EXERCISE --port 8001", False),
    ]
    for what, probe, remedy, required in probes:
        yield Diagnosis(what, attempt(probe), remedy, required)
    yield from examine_sandbox()


def examine_sandbox() -> list[Diagnosis]:
    """Try to break each promise of the sandbox, and of the servers in it, which only grading needs."""
    try:
        broken = broken_promises() | of_servers.broken_promises()
    except LadderError as error:
        fault, _, remedy = str(error).partition("\n")
        return [Diagnosis("submissions can be graded in a sandbox", fault, remedy, required=False)]
    return [
        Diagnosis(f"sandbox: {promise}", broken.get(promise), BROKEN_PROMISE, required=False)
        for promise in (*PROMISES, *of_servers.PROMISES)
    ]


def attempt(probe: Callable[[], str | None]) -> str | None:
    """Run a probe; what it raises is what is wrong."""
    try:
        return probe()
    except (LadderError, OSError) as error:
        return str(error)


def python_is_new() -> str | None:
    """Look at the interpreter's version."""
    found = ".".join(map(str, sys.version_info[:3]))
    return None if sys.version_info >= OLDEST_PYTHON else f"this is Python {found}"


def packages_are_there() -> str | None:
    """Look for every distribution that the project asks for, extras included."""
    missing = []
    for requirement in map(Requirement, importlib.metadata.requires("fastapi-ladder") or []):
        if any(
            requirement.marker is None or requirement.marker.evaluate({"extra": extra}) for extra in EXTRAS
        ):
            try:
                importlib.metadata.version(requirement.name)
            except importlib.metadata.PackageNotFoundError:
                missing.append(requirement.name)
    return f"missing: {', '.join(missing)}" if missing else None


def exercises_are_in_order(root: Path) -> str | None:
    """Read every exercise."""
    catalog = Catalog(root)
    for fault in catalog.faults.values():
        return fault
    for exercise in catalog:
        exercise.starter.require()
        exercise.solution.require()
        exercise.require_tests_for_criteria()
    return None


def can_be_written(root: Path) -> str | None:
    """Write a file where the workspace is to be."""
    folder = root / "workspace"
    with tempfile.TemporaryFile(dir=folder if folder.is_dir() else root):
        return None


def app_answers() -> str | None:
    """Start a small app as the tests do."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello").mkdir()
        (folder / "hello/main.py").write_text(HELLO)
        app = App(folder, "hello")
        with closing(Runner(Path(sys.executable))) as runner, closing(Launcher(runner, app)) as launcher:
            launcher.require_start()
    return None if hasattr(os, "fork") else "it does, but without fork every test takes half a second longer"


def services_start() -> str | None:
    """Start each service, and use it."""
    for name in services.KINDS:
        service = services.running(name)
        service.release(service.acquire())
    return None


def tools_are_there(root: Path) -> str | None:
    """Look for each program that an exercise names."""
    faults = []
    for name in sorted({name for exercise in Catalog(root) for name in exercise.manifest.tools}):
        try:
            find_tool(name)
        except LadderError as error:
            faults.append(str(error))
    return " ".join(faults) or None


def saves_are_noticed(root: Path) -> str | None:
    """Save a file and wait for the event."""
    with tempfile.TemporaryDirectory(dir=root) as folder:
        return None if events_arrive(Path(folder)) else "no event came"


def port_is_free() -> str | None:
    """Listen on the port that `ladder run` takes."""
    with socket.create_server(("127.0.0.1", PORT)):
        return None
