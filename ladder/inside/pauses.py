"""Lets the threads of an app rest before each line, while requests compete."""

import os
import signal
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any

RACE_SIGNAL = 41  # a real-time signal of Linux (SIGRTMIN + 7): begin to pause
CALM_SIGNAL = 42  # the next one: pause no more
PAUSE_SECONDS = 0.01
"""How long a thread rests before a line, while requests compete; on a busy machine, where they come later, longer."""
MOST_TIMES = 4.0
"""How many times as long, at most."""
PAUSED_PASSES = 10
"""How many threads, or passes of one, rest before a line; those that come later find it quick."""


def pause_at_signal(folder: str) -> None:
    """Let the worker threads of an app rest before each line of its own files, from `RACE_SIGNAL` to `CALM_SIGNAL`.

    Between two lines of an app, another thread may always come; here it does. Threads that the app starts are traced,
    the first one is not: what runs there has no other thread beside it.

    Args:
        folder: what holds the app's files.
    """
    passes: dict[tuple[CodeType, int], int] = {}
    competing = False
    pause = PAUSE_SECONDS
    usual_interval = sys.getswitchinterval()

    def begin(_number: int, _frame: FrameType | None) -> None:
        nonlocal competing, pause
        competing = True
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
        pause = PAUSE_SECONDS * min(max(load / 8, 1.0), MOST_TIMES)  # as `ladder.base.workers.crowding` does
        passes.clear()
        sys.setswitchinterval(1e-6)

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal competing
        competing = False
        sys.setswitchinterval(usual_interval)

    def trace_call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return trace_line if competing and frame.f_code.co_filename.startswith(folder) else None

    def trace_line(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            line = frame.f_code, frame.f_lineno
            passes[line] = passes.get(line, 0) + 1
            if competing and passes[line] <= PAUSED_PASSES:
                time.sleep(pause)
        return trace_line

    signal.signal(RACE_SIGNAL, begin)
    signal.signal(CALM_SIGNAL, end)
    threading.settrace(trace_call)
