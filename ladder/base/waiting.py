"""Waiting for what others do."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.05


def comes_true(is_so: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again until something is so, for so many seconds at most; return whether it was."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
