"""What a grader leaves on the machine, and what it takes of its memory."""

import ctypes
import os
import re
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ladder.base.folders import MEMORY_FOLDER

PR_SET_CHILD_SUBREAPER = 36
PLACES = {tempfile.gettempdir(), "/tmp", MEMORY_FOLDER}  # noqa: S108 - where the product puts the files of a run
PATIENCE = 3.0
"""Seconds in which what a grader has started must have ended after it."""
MOST_LOST = 50
"""MiB of a file system that may be gone afterwards."""


def adopt_orphans(adopt: bool) -> None:
    """Become the parent of each descendant whose own parent ends, so that none gets lost; or stop it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(adopt), 0, 0, 0)


def descendants(parent: int) -> list[int]:
    """Return the processes below one that still run."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, above = stat.read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state != "Z":
                children.setdefault(int(above), []).append(int(stat.parent.name))
    found = list(children.get(parent, []))
    for pid in found:
        found += children.get(pid, [])
    return found


def memory_taken(pid: int) -> int:
    """Return the most memory that a process had, in bytes, and those below it that are in no sandbox."""
    namespace = Path("/proc/self/ns/pid").stat().st_ino
    taken = 0
    for one in [pid, *descendants(pid)]:
        with suppress(OSError):
            if Path(f"/proc/{one}/ns/pid").stat().st_ino == namespace:
                peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{one}/status").read_text())
                taken += int(peak[1]) * 1024 if peak else 0  # none if it has ended, and nobody noticed
    return taken


@dataclass(frozen=True)
class Machine:
    """What there is on a machine at one moment: processes below this one, temporary files, and room for more."""

    processes: frozenset[int]
    files: frozenset[Path]
    free: dict[str, int]

    @classmethod
    def look(cls) -> "Machine":
        """Check what there is now."""
        return cls(
            frozenset(descendants(os.getpid())),
            frozenset(file for place in PLACES for file in Path(place).glob("ladder-*")),
            {place: shutil.disk_usage(place).free for place in PLACES},
        )

    def faults_since(self) -> list[str]:
        """Name what stays: new processes, which are ended, and new files; and the room that is missing.

        What goes within a moment does not count, nor does what somebody else's process uses. No process is overlooked
        where this one has adopted the orphans (`adopt_orphans`).
        """
        deadline = time.monotonic() + PATIENCE
        now = Machine.look()
        processes, files = now.processes - self.processes, now.files - self.files
        while (processes or files or self.lost(now)) and time.monotonic() < deadline:
            time.sleep(0.1)
            now = Machine.look()
            processes &= now.processes
            files &= now.files - in_use()
        words = [f"process {process} was left: {end_process(process)}" for process in sorted(processes)]
        return words + [f"{file} was left" for file in sorted(files)] + self.lost(now)

    def lost(self, now: "Machine") -> list[str]:
        """Name the file systems that have much less room than they had."""
        lost = {place: (free - now.free[place]) >> 20 for place, free in self.free.items()}
        return [f"{place} has {size} MiB less" for place, size in lost.items() if size > MOST_LOST]


def in_use() -> set[Path]:
    """Return the temporary folders that the command lines of all processes name."""
    named: set[Path] = set()
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            named.update(map(Path, re.findall(r"/[^\0]*?/ladder-\w+", words.read_text(errors="replace"))))
    return named


def end_process(process: int) -> str:
    """Kill a process, and give its command line."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes()
        os.kill(process, signal.SIGKILL)
    except OSError:
        return "it has just ended"
    return words.replace(b"\0", b" ").decode(errors="replace")
