"""Waits for a learner to save a file."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import watchfiles

SETTLE_MILLISECONDS = 30
"""How long a burst of events (an editor's way of saving) may go on before it counts as one change."""
STEP_MILLISECONDS = 10
IDLE_MILLISECONDS = 100
POLL_MILLISECONDS = 100
PROBE_MILLISECONDS = 500


def changes(folder: Path, *, poll: bool) -> Iterator[None]:
    """Yield once when the watching has begun, and then each time a file below `folder` has changed.

    What is saved while the caller is busy is not lost: it comes next. A folder that was replaced by another one, as
    `ladder reset` and `ladder undo` do, is a change as well, and is watched from then on.
    """
    yield from changes_until_replaced(folder, poll=poll)
    while True:
        while not folder.is_dir():
            time.sleep(IDLE_MILLISECONDS / 1000)
        yield from changes_until_replaced(folder, poll=poll)


def changes_until_replaced(folder: Path, *, poll: bool) -> Iterator[None]:
    """Yield as `changes` does, until the path names another folder, or none."""
    watched = identity(folder)
    batches = watchfiles.watch(
        folder,
        watch_filter=watchfiles.DefaultFilter(),  # passes over caches, environments and what editors leave
        debounce=SETTLE_MILLISECONDS,
        step=STEP_MILLISECONDS,
        rust_timeout=IDLE_MILLISECONDS,
        yield_on_timeout=True,
        force_polling=poll,
        poll_delay_ms=POLL_MILLISECONDS,
    )
    for number, batch in enumerate(batches):
        if identity(folder) != watched:
            return
        if batch or number == 0:
            yield


def identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one of the same name; `None` if there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def events_arrive(folder: Path) -> bool:
    """Return whether the file system tells of changes: network folders and some containers do not."""
    probe = folder / ".ladder-probe"
    write = threading.Timer(0.05, probe.touch)
    write.start()
    try:
        watching = watchfiles.watch(
            folder,
            watch_filter=None,
            debounce=SETTLE_MILLISECONDS,
            step=STEP_MILLISECONDS,
            rust_timeout=PROBE_MILLISECONDS,
            yield_on_timeout=True,
            force_polling=False,
        )
        return bool(next(watching))
    finally:
        write.join()
        probe.unlink(missing_ok=True)
