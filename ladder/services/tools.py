"""Programs with which tests judge what is no Python, such as a configuration; they run on our side, within bounds."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ladder.base.errors import LadderError

INSTALL = {
    "git": "Debian, Ubuntu: apt install git; macOS: xcode-select --install; Windows: winget install Git.Git",
    "promtool": (
        "Debian, Ubuntu: apt install prometheus; macOS: brew install prometheus; Windows: take promtool.exe from "
        "https://prometheus.io/download and put it on the PATH"
    ),
}
"""How to get each program that an `exercise.toml` may name."""
TOOL_SECONDS = 20.0
"""How long a program may take."""
MOST_OUTPUT_BYTES = 2**16
"""How much of what it prints is read."""
LIMITS = 'ulimit -v 4194304; ulimit -f 20480; exec "$@"'
"""What a shell puts before a program: 4 GiB of addresses (Go reserves much) and files of 10 MiB at most."""


class Finished(NamedTuple):
    """What came of a command."""

    status: int
    """Its exit status; negative: the signal that ended it."""
    output: str
    """What it printed, to standard output and standard error."""


def find_tool(name: str) -> str:
    """Return the path of a program.

    Raises:
        LadderError: it is not there; the message says how to get it.
    """
    found = shutil.which(name)
    if found is None:
        raise LadderError(f"The tests need the program {name}, and it is not on the PATH. {INSTALL[name]}.")
    return found


def require_tools(names: Iterable[str]) -> None:
    """Check that programs are there.

    Raises:
        LadderError: one is not; the message says how to get it.
    """
    for name in names:
        find_tool(name)


def run_tool(name: str, words: Sequence[str], files: Mapping[str, str | bytes], folder: Path) -> Finished:
    """Run a program.

    Args:
        name: of the program.
        words: its arguments.
        files: what is written to its working directory before; the names are the test's, the contents anybody's.
        folder: its working directory, which is its home as well, so that no settings of the user's count.

    Raises:
        LadderError: it is not there, or does not end in time.
    """
    program = find_tool(name)
    for path, content in files.items():
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    command = ["sh", "-c", LIMITS, "sh", program, *words] if os.name == "posix" else [program, *words]
    surroundings = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT") if key in os.environ}
    settings = {"HOME": str(folder), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1"}
    with tempfile.TemporaryFile() as printed:
        try:
            run = subprocess.run(
                command,
                cwd=folder,
                env=surroundings | settings,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                timeout=TOOL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise LadderError(
                f"It did not end within {TOOL_SECONDS:g} seconds: {name} {' '.join(words)}"
            ) from None
        printed.seek(0)
        return Finished(run.returncode, printed.read(MOST_OUTPUT_BYTES).decode(errors="replace"))
