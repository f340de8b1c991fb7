"""Waits for a learner to save a file."""

import threading
from collections.abc import Iterator
from pathlib import Path

import watchfiles

SETTLE_MILLISECONDS = 30
"""How long a burst of events (an editor's way of saving) may go on before it counts as one change."""
POLL_MILLISECONDS = 100
PROBE_MILLISECONDS = 500


def changes(folder: Path, *, poll: bool) -> Iterator[None]:
    """Yield each time a Python file below `folder` has changed."""
    options = {"debounce": SETTLE_MILLISECONDS, "step": 10, "rust_timeout": 0, "poll_delay_ms": POLL_MILLISECONDS}
    for _ in watchfiles.watch(folder, watch_filter=watchfiles.PythonFilter(), force_polling=poll, **options):
        yield


def events_arrive(folder: Path) -> bool:
    """Say whether the file system tells of changes: network folders and some containers do not."""
    probe = folder / ".ladder-probe"
    write = threading.Timer(0.05, probe.touch)
    write.start()
    try:
        options = {"debounce": SETTLE_MILLISECONDS, "step": 10, "rust_timeout": PROBE_MILLISECONDS}
        watching = watchfiles.watch(folder, watch_filter=None, force_polling=False, yield_on_timeout=True, **options)
        return bool(next(watching))
    finally:
        write.join()
        probe.unlink(missing_ok=True)
