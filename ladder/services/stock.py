"""What servers are started from: one on the host for all who check, or one for each submission, in a cell of its own.

In a cell, a server sees the system, its program, the data that it begins with, and the folder of its sockets; it
writes to memory. The kernel ends all of it with the cell: what an app has left in its server (sessions, roles,
databases, large objects, functions) meets nobody else.
"""

import itertools
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from ladder.base.errors import LadderError
from ladder.base.walls import see_system
from ladder.services.program import Program

PREPARED = "/prepared"
MEMORY = "/ladder-server"
"""Where a server in a cell can write; it is in memory, and goes with the cell. No host has a folder of this name."""
DATA = Path(MEMORY, "data")
SOCKETS = Path("/sockets")
COPY_AND_RUN = f'cp -a {PREPARED} {DATA} && exec "$@"'


class Stock(ABC):
    """A server program that is installed in a folder, and the data that its servers begin with.

    Attributes:
        place: the folder, and the server that runs there if there is one; `place.close` removes it.
        data: what a server begins with.
        readable: the folders of the program.
        cells: the folder for those of the servers in cells.
        prepare: the command that fills `data`, if that is not to be empty.
    """

    name: ClassVar[str]
    stop: ClassVar[signal.Signals]
    """The signal that ends a server quickly."""
    readable: Sequence[Path]
    prepare: Sequence[str | Path] | None = None

    def __init__(self) -> None:
        self.place = Program(self.name)
        self.data = self.place.folder / "data"
        self.cells = self.place.folder / "cells"
        self.numbers = itertools.count()
        for folder in (self.data, self.cells):
            folder.mkdir(mode=0o755)
        self.place.own(self.data)

    @abstractmethod
    def command(self, data: Path, sockets: Path) -> list[str | Path]:
        """Return the command of a server.

        Args:
            data: its folder of data.
            sockets: the folder for its sockets.
        """

    @abstractmethod
    def url(self, sockets: Path) -> str:
        """Return the URL of a server that has its sockets in a folder."""

    def serve(self) -> Program:
        """Start the one server of the place, on the host."""
        self.place.start(self.command(self.data, self.place.sockets), self.stop, self.prepare)
        return self.place

    def keep(self) -> None:
        """Have the data made; the servers come later, in cells."""
        self.place.start(None, prepare=self.prepare)

    def serve_in_cell(self) -> Program:
        """Start a server in a cell of its own.

        Raises:
            LadderError: there is no bubblewrap, or the data could not be made.
        """
        bubblewrap = shutil.which("bwrap")
        if bubblewrap is None:
            raise LadderError(f"A cell for {self.name} needs bubblewrap (bwrap), and there is none.")
        self.place.wait_prepared()
        program = Program(self.name, self.cells / str(next(self.numbers)))
        readable = {PREPARED: self.data, **{str(folder): folder for folder in self.readable}}
        words = [
            *(
                bubblewrap,
                "--die-with-parent",
                "--new-session",
                "--clearenv",
                "--unshare-all",
                "--unshare-user",
            ),
            *(*see_system(), "--proc", "/proc", "--dev", "/dev", "--tmpfs", MEMORY),
            *(word for there, here in readable.items() for word in ("--ro-bind", here, there)),
            *("--bind", program.sockets, SOCKETS),
            *("--setenv", "PATH", "/usr/bin:/bin", "--chdir", "/"),
            *("/bin/sh", "-c", COPY_AND_RUN, "sh", *self.command(DATA, SOCKETS)),
        ]
        program.start(words)
        return program
