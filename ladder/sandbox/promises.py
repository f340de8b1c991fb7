"""What the sandbox promises, each promise tried: an app in it does its worst (`ladder.sandbox.probe`)."""

import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from ladder.base.waiting import comes_true
from ladder.client.errors import BadAnswerError, NoAnswerError
from ladder.course.catalog import App
from ladder.sandbox.bubblewrap import Sandbox
from ladder.sandbox.runner import FAULTS, CellRunner, open_cell
from ladder.serving.launcher import Launcher

COURSE = Path(__file__).parents[2]
PATIENCE = 5.0


@dataclass(frozen=True)
class Secrets:
    """What the host has, and the app must not get."""

    token: str
    file: Path
    port: int


@contextmanager
def hidden() -> Iterator[Secrets]:
    """Have a token in the environment, a file, and open sockets."""
    token = secrets.token_hex()
    with (
        tempfile.NamedTemporaryFile() as file,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
        patch.dict(os.environ, {"LADDER_TOKEN": token}),
    ):
        abstract.bind("\0" + token)
        abstract.listen()
        yield Secrets(token, Path(file.name), server.getsockname()[1])


PROMISES: dict[str, Callable[[Secrets], str]] = {
    "no file of this machine or of the course, and nothing to write to": lambda held: (
        f"/files?file={held.file}&course={COURSE}/exercises"
    ),
    "nothing of the environment": lambda held: f"/environment?token={held.token}",
    "no network": lambda held: f"/network?port={held.port}&name={held.token}",
    "no rights, and no way to get any": lambda _: "/rights",
    "no memory that no limit counts": lambda _: "/memory-files",
    "limited files: their size, number, sum, and how many are open": lambda _: "/disk",
    "limited processes, threads and CPU time": lambda _: "/processes",
    "limited memory": lambda _: "/memory",
    "everything ends with the submission": lambda held: f"/stay?token={held.token}",
}
"""Each promise, and the request with which the app tries to break it."""


def break_promise(sandbox: Sandbox, promise: str) -> str | None:
    """Try to break a promise.

    Args:
        sandbox: where; the submission before must have ended.
        promise: one of `PROMISES`.

    Returns:
        what could be done, or `None` if the promise holds.
    """
    folder = sandbox.submissions / "app"
    shutil.copytree(Path(__file__).with_name("probe"), folder / "probe", dirs_exist_ok=True)
    with hidden() as held:
        with closing(open_cell(sandbox)) as runner:
            done = ask(runner, App(folder, "probe"), PROMISES[promise](held))
        left = is_running(held.token)
    return "a process went on" if left else done


def ask(runner: CellRunner, app: App, target: str) -> str | None:
    """Let the app try, and give what it could do."""
    launcher = Launcher(runner, app)
    server = launcher.launch()
    try:
        return ", ".join(server.client.get(target).raise_for_status().json()) or None
    except NoAnswerError as error:
        return None if any(fault in str(error) for fault in FAULTS.values()) else str(error)
    except BadAnswerError as error:
        return f"{error} {server.log[-3000:]}"
    finally:
        server.close()
        launcher.close()


def is_running(token: str) -> bool:
    """Return whether a process of this machine goes on that has a token in its command line."""
    has_gone = comes_true(
        lambda: not any(token in command_line(process) for process in Path("/proc").glob("[0-9]*")), PATIENCE
    )
    return not has_gone


def command_line(process: Path) -> str:
    """Return the command line of a process; nothing if it has ended."""
    try:
        return (process / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def broken_promises(python: Path = Path(sys.executable)) -> dict[str, str]:
    """Try to break every promise.

    Returns:
        what could be done, by the promise that did not hold.

    Raises:
        SandboxError: there can be no sandbox here.
    """
    with closing(Sandbox(python)) as sandbox:
        found = {promise: break_promise(sandbox, promise) for promise in PROMISES}
    return {promise: done for promise, done in found.items() if done is not None}
