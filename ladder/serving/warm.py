"""Starts the warm process from which servers are forked (`ladder.inside.zygote`).

It takes half a second to warm up, so the command line starts it before it imports anything else; that is why this
module imports little, and nothing of the engine's but what imports little too.
"""

import atexit
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ladder import inside
from ladder.base.folders import choose_run_folder

ZONE_OF_YESTERDAY = "LDR+11:15"
"""In POSIX notation; the date there is yesterday's until 11:15 UTC."""
ZONE_OF_TOMORROW = "LDR-13:15"
"""The date there is tomorrow's from 10:45 UTC on."""
STOP_LIMIT = 5.0
"""Seconds that the process may take to clean up."""


class HeldProcess(Protocol):
    """A process from which servers are forked, as its runner sees it."""

    control: socket.socket
    folder: Path
    process: subprocess.Popen[bytes]

    def close(self) -> None:
        """End it, and with it every process and file of the run."""


class WarmProcess:
    """A warm process, and the folder of its run.

    Args:
        python: the interpreter of the apps' environment.
    """

    def __init__(self, python: Path) -> None:
        self.python = python
        self.folder = choose_run_folder()
        self.control, control = socket.socketpair()
        with control:
            self.process = subprocess.Popen(
                [python, "-P", inside.FOLDER / "zygote.py", str(control.fileno()), self.folder],
                pass_fds=[control.fileno()],
                env=app_environment(self.folder, {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self.folder.mkdir(mode=0o700)  # now that there is somebody to remove it, however this process ends

    def close(self) -> None:
        """End it, and with it every process and file of the run."""
        self.control.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_LIMIT)
        assert self.process.stderr is not None
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def has_ended(peer: socket.socket) -> bool:
    """Return whether nobody holds the other end of a socket any more, over which nothing comes."""
    try:
        return not peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except ConnectionResetError:  # it did not read all that was sent to it
        return True


started_early: list[WarmProcess] = []


def start_early() -> None:
    """Start a warm process for this interpreter, for whoever will take it; at the end of this one, it ends too."""
    process = WarmProcess(Path(sys.executable))
    started_early.append(process)
    atexit.register(process.close)


def take_warm_process(python: Path) -> WarmProcess:
    """Return a warm process for an interpreter: the one that was started early, if it fits."""
    for process in started_early:
        if process.python == python:
            started_early.remove(process)
            return process
    return WarmProcess(python)


def app_time_zone() -> str:
    """Return the zone that apps run in: its date is not UTC's, so that local time taken for UTC does not go unseen."""
    return ZONE_OF_YESTERDAY if datetime.now(UTC).hour < 11 else ZONE_OF_TOMORROW


def app_environment(data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return all the environment that an app gets: nothing of the user's but PATH, and the settings."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    ours = {"HOME": str(data), "LANG": "C.UTF-8", "TZ": app_time_zone(), "PYTHONUNBUFFERED": "1"}
    return {**kept, **ours, **settings}
