"""Watches what a submission takes of the servers that its app uses: they run outside of the sandbox and its limits."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ladder.inside.cell import own_memory, status_of
from ladder.services.program import Program
from ladder.services.servers import Service

MIB = 2**20
MOST = 512 * MIB
"""What a submission may add to the files and the memory of its servers, together."""
WATCH_SECONDS = 0.25


@contextmanager
def guarded(services: Sequence[Service], end: Callable[[str], None]) -> Iterator[None]:
    """Watch servers for as long as a submission uses them.

    Args:
        services: the servers.
        end: is called, from another thread, with the reason to end the submission's cell.
    """
    programs = [service.program for service in services if service.program is not None]
    before = sum(map(taken, programs))
    over = threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            if sum(map(taken, programs)) - before > MOST:
                end(f"it took more than {MOST // MIB} MiB of its database server")
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
    """Return the bytes that a server has in files, and in memory; what its processes share counts once."""
    assert program.keeper is not None
    first = children(program.keeper.pid)
    own = sum(map(private_memory, first))
    forked = (max(private_memory(pid) - own, 0) for parent in first for pid in children(parent))
    return stored(program.folder) + own + sum(forked)


def private_memory(pid: int) -> int:
    """Return the bytes of memory of a process in which no file lies; none if it has ended."""
    return own_memory(status_of(pid))


def stored(folder: Path) -> int:
    """Return the bytes of all files below a folder; what goes meanwhile does not count."""
    size = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                is_folder = entry.is_dir(follow_symlinks=False)
                size += stored(Path(entry)) if is_folder else entry.stat(follow_symlinks=False).st_size
    return size


def children(pid: int) -> list[int]:
    """Return the processes that the first thread of a process has started; none if it has ended."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
