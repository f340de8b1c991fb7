"""Waits for a learner to save a file."""

import threading
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
    """Yield once when the watching has begun, and then each time a Python file below `folder` has changed.

    What is saved while the caller is busy is not lost: it comes next.
    """
    batches = watchfiles.watch(
        folder,
        watch_filter=watchfiles.PythonFilter(),
        debounce=SETTLE_MILLISECONDS,
        step=STEP_MILLISECONDS,
        rust_timeout=IDLE_MILLISECONDS,
        yield_on_timeout=True,
        force_polling=poll,
        poll_delay_ms=POLL_MILLISECONDS,
    )
    for number, batch in enumerate(batches):
        if batch or number == 0:
            yield


def events_arrive(folder: Path) -> bool:
    """Say whether the file system tells of changes: network folders and some containers do not."""
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
