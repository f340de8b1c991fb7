"""Limits the memory of a submission's servers, which have cells of their own."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ladder.base.memory import memory_of
from ladder.services.program import Program
from ladder.services.stock import MEMORY

MIB = 2**20
MOST = 512 * MIB
"""What a submission's servers may take together, in memory and in files, which lie in memory too."""
WATCH_SECONDS = 0.25


@contextmanager
def limited(programs: Sequence[Program], end: Callable[[str], None]) -> Iterator[None]:
    """Watch servers in cells for as long as a submission uses them, and end them when they take too much.

    Args:
        programs: the servers.
        end: is called before, from another thread, with the reason to end the submission.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            if sum(map(taken, programs)) > MOST:
                fault = f"it took more than {MOST // MIB} MiB of its database server"
                end(fault)
                for program in programs:
                    program.end(fault)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    if programs:
        watcher.start()
    try:
        yield
    finally:
        over.set()
        if programs:
            watcher.join()


def taken(program: Program) -> int:
    """Return the bytes that a server in a cell takes: the memory of all its processes, and its files."""
    processes = processes_of(program)
    return sum(map(memory_of, processes)) + max(map(files_of, processes), default=0)


def processes_of(program: Program) -> list[int]:
    """Return the processes of a server, those that were started first before the others."""
    assert program.keeper is not None
    processes = children(program.keeper.pid)
    for process in processes:  # which grows meanwhile
        processes += children(process)
    return processes


def children(pid: int) -> list[int]:
    """Return the processes that the first thread of a process has started; none if it has ended."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def files_of(pid: int) -> int:
    """Return the bytes of the files in the memory that a process of a cell can write to; none outside of a cell."""
    with suppress(OSError):
        system = os.statvfs(f"/proc/{pid}/root{MEMORY}")
        return (system.f_blocks - system.f_bfree) * system.f_frsize
    return 0
