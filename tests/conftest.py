"""What the tests share: a small course, temporary folders that must be left empty, and the command itself."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ladder.course.catalog import App, Catalog, Exercise
from ladder.course.workspace import Workspace

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
"""Seconds after which a condition that should come true never will."""
SERVE = """
import os, sys, threading, uvicorn

threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
uvicorn.run("tiny.main:app", port=int(sys.argv[1]), log_level="warning")
"""
"""Serves an app until the standard input ends, as it does when the tests do, however they end."""
# Else the commands under test ignore Ctrl-C, too, where a script has started all of this with "&".
signal.signal(signal.SIGINT, signal.default_int_handler)
LEFT_BEHIND = {"PYTEST_CURRENT_TEST", "PYTHONDONTWRITEBYTECODE"}
"""Variables that are for this process alone; a command that compiles its modules anew is slow."""
TINY = {
    "README.md": """\
# Scenario 0 · Tiny

## Story

Somebody wants to be greeted, and to choose the words.

## Contract

JSON in, JSON out.

```http
GET /greeting

HTTP/1.1 200 OK
Content-Type: application/json

{"text": "Hello"}
```

```http
PUT /greeting
Content-Type: application/json

{"text": "Hi"}

HTTP/1.1 200 OK

{"text": "Hi"}
```

The setting `GREETING` replaces the first greeting.

## Requirements

| Brief | Demand | Criteria |
|---|---|---|
| S0.1 | A greeting | 1 |
| S0.2 | Another greeting | 2 |

## Acceptance criteria

1. The first greeting is hello.
2. A new greeting replaces the old one.

## Not in this rung

Politeness.

## New here

[First steps](https://fastapi.tiangolo.com/tutorial/first-steps/).

## Going further

Say goodbye.
""",
    "exercise.toml": """\
title = "Tiny"
minutes = 5
teaches = ["greeting people"]
needs = []
dependencies = []
services = []

[settings]
GREETING = "the first greeting"
""",
    "starter/tiny/__init__.py": "",
    "starter/tiny/main.py": '''\
"""A greeting that can be changed."""

from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/greeting")
def read_greeting() -> None:
    """Return the last greeting."""
    raise HTTPException(501)


@app.put("/greeting")
def replace_greeting() -> None:
    """Say this from now on."""
    raise HTTPException(501)
''',
    "solution/tiny/__init__.py": "",
    "solution/tiny/main.py": '''\
"""A greeting that can be changed."""

import os

from fastapi import FastAPI
from pydantic import BaseModel


class Greeting(BaseModel):
    """What is said."""

    text: str


app = FastAPI()
said = [Greeting(text=os.environ.get("GREETING", "Hello"))]


@app.get("/greeting")
def read_greeting() -> Greeting:
    """Return the last greeting."""
    return said[-1]


@app.put("/greeting")
def replace_greeting(new: Greeting) -> Greeting:
    """Say this from now on."""
    said.append(new)
    return new
''',
    "tests/test_tiny.py": """\
def test_the_first_greeting_is_hello(fresh_client):
    response = fresh_client.get("/greeting")

    assert response.status_code == 200
    assert response.json() == {"text": "Hello"}


def test_a_new_greeting_replaces_the_old_one(client, values):
    new = {"text": values.text()}

    response = client.put("/greeting", json=new)

    assert response.status_code == 200
    assert response.json() == new
    assert client.get("/greeting").json() == new
""",
    "hints.md": """\
# Hints

## The first greeting is hello.

1. What is said before anybody chose?
2. A setting that is absent has a default.
3. `os.environ.get` takes it as its second argument.

## A new greeting replaces the old one.

1. Ask again after you have changed it.
2. What a request leaves behind must outlive its function.
3. `list.append` keeps it.
""",
    "mistakes.toml": """\
[[mistake]]
name = "another-word"
why = "It is friendlier."
file = "main.py"
text = '"Hello"'
replacement = '"Hi"'
caught_by = [1]

[[mistake]]
name = "created"
why = "PUT may create."
file = "main.py"
text = '@app.put("/greeting")'
replacement = '@app.put("/greeting", status_code=201)'
caught_by = [2]

[[mistake]]
name = "forgets"
why = "The answer looks right."
file = "main.py"
text = "    said.append(new)\\n"
replacement = ""
caught_by = [2]

[[mistake]]
name = "always-the-first"
why = "The wrong end of the list."
file = "main.py"
text = "return said[-1]"
replacement = "return said[0]"
caught_by = [2]

[[mistake]]
name = "answers-the-old-one"
why = "Some APIs do."
file = "main.py"
text = "    return new"
replacement = "    return said[-2]"
caught_by = [2]
""",
}
"""A whole exercise, as small as can be, with nothing to declare."""


def find_processes(folder: Path) -> list[int]:
    """Return the processes that have a folder in their command line or environment, or work in it."""
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and int(process.name) != os.getpid() and concerns(process, folder)
    ]


def kill_processes(folder: Path) -> None:
    """End the processes that have to do with a folder."""
    for process in find_processes(folder):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def concerns(process: Path, folder: Path) -> bool:
    """Return whether a process has to do with a folder; one that ended meanwhile has not."""
    try:
        known = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        return os.fsencode(folder) in known + b"\0" + os.fsencode((process / "cwd").readlink())
    except OSError:
        return False


def wait_until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until a condition holds, and give its value; fail with `what` when it never does."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {patience} seconds in vain: {what}"
        time.sleep(0.01)
    return value


def is_open(port: int) -> bool:
    """Return whether somebody listens on a port."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def edit_file(path: Path, text: str, replacement: str) -> None:
    """Replace a text that stands exactly once in a file."""
    before = path.read_text(encoding="utf-8")
    assert before.count(text) == 1
    path.write_text(before.replace(text, replacement), encoding="utf-8")


@dataclass(frozen=True)
class Course:
    """A course of a test's own, which begins with one exercise, `scenarios/00_tiny`."""

    root: Path

    @property
    def folder(self) -> Path:
        """The exercise's folder."""
        return self.root / "scenarios/00_tiny"

    @property
    def exercise(self) -> Exercise:
        """The exercise, read anew."""
        return Exercise(self.root, self.folder)

    @property
    def catalog(self) -> Catalog:
        """The catalogue, read anew."""
        return Catalog(self.root)

    @property
    def workspace(self) -> Workspace:
        """The learner's folder."""
        return Workspace(self.root)

    @property
    def learners(self) -> Path:
        """The learner's own `main.py`."""
        return self.root / "workspace/scenarios/00_tiny/tiny/main.py"

    def add(self, path: str) -> Path:
        """Make one more exercise, with a package after the folder's name."""
        folder = self.root / path
        package = folder.name.split("_", maxsplit=1)[-1]
        for name, text in TINY.items():
            self.write(f"{path}/{name.replace('tiny', package)}", text)
        return folder

    def write(self, name: str, text: str) -> Path:
        """Write a file, with the folders on its way."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def edit(self, name: str, text: str, replacement: str) -> None:
        """Replace a text that stands exactly once in one of the exercise's files."""
        edit_file(self.folder / name, text, replacement)

    def solve(self) -> None:
        """Put the reference in the place of the learner's code."""
        self.workspace.app(self.exercise).source.mkdir(parents=True, exist_ok=True)
        self.learners.write_text(TINY["solution/tiny/main.py"], encoding="utf-8")


class Command:
    """Runs Python programs in a course, with temporary files in a folder of their own, and no colours."""

    def __init__(self, root: Path, temporary: Path) -> None:
        self.root = root
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in LEFT_BEHIND},
            "COLUMNS": "200",
            "LADDER_COURSE": str(root),
            "NO_COLOR": "1",
            "PYTHONWARNINGS": "error",
            "TMPDIR": str(temporary),
        }

    def ladder(self, *arguments: object, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run `ladder` to its end; whatever it says, it shows nobody a line of its own source."""
        return self.run("-m", "ladder", *arguments, **settings)

    def run(
        self, *arguments: object, pass_fds: Sequence[int] = (), **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run Python to its end."""
        process = subprocess.run(
            [sys.executable, *map(str, arguments)],
            check=False,
            cwd=self.root,
            env=self.environment | settings,
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        assert f"{ROOT}/ladder/" not in process.stdout + process.stderr
        return process

    def start(self, *arguments: object, output: Path) -> "subprocess.Popen[bytes]":
        """Start Python in a process group of its own, as a terminal does, and let it print to a file."""
        with output.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, *map(str, arguments)],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Wait for a condition: `eventually(lambda: path.exists(), "the file is there")`."""
    return wait_until


@pytest.fixture
def processes_of() -> Callable[[Path], list[int]]:
    """Return the processes that have to do with a folder."""
    return find_processes


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Replace a text that stands exactly once in a file."""
    return edit_file


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Return a folder for temporary files; in the end it must be empty, and no process may have to do with it."""
    with tempfile.TemporaryDirectory(prefix="t-") as name, ExitStack() as stack:
        folder = Path(name)
        stack.callback(kill_processes, folder)
        yield folder
        wait_until(lambda: not find_processes(folder), "no process stays", patience=10)
        wait_until(lambda: not list(folder.iterdir()), "no file stays", patience=10)


@pytest.fixture(scope="session")
def make_course() -> Callable[[Path], Course]:
    """Make a course in a folder."""

    def make_course(root: Path) -> Course:
        course = Course(root)
        course.add("scenarios/00_tiny")
        return course

    return make_course


@pytest.fixture
def course(tmp_path: Path, make_course: Callable[[Path], Course]) -> Course:
    """Return a course of this test's own."""
    return make_course(tmp_path / "course")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, make_course: Callable[[Path], Course]) -> Iterator[str]:
    """Return the URL of a server that runs already: the reference of the small exercise."""
    course = make_course(tmp_path_factory.mktemp("running"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)], cwd=course.folder / "solution", stdin=subprocess.PIPE
    ):
        wait_until(lambda: is_open(port), "the server listens")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def command(course: Course, temporary: Path) -> Command:
    """Return what runs programs in the course."""
    return Command(course.root, temporary)


@pytest.fixture
def make_app(tmp_path: Path) -> Callable[..., App]:
    """Write an app's `main.py`, and other modules of its package: `make_app("…", inner="…")`."""

    def make_app(main: str, **modules: str) -> App:
        app = App(tmp_path / "apps", "probe")
        app.source.mkdir(parents=True, exist_ok=True)
        for name, text in {"__init__": "", "main": main, **modules}.items():
            (app.source / f"{name}.py").write_text(text, encoding="utf-8")
        return app

    return make_app
