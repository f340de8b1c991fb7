"""Prints where an app is, when a signal asks for it."""

import faulthandler
import gc
import itertools
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

MOST_FRAMES = 100
STACK_SIGNAL = getattr(signal, "SIGURG", None)  # what an app has started ignores it


def show_tasks_at_signal() -> None:
    """Let the signal that prints where the threads are print as well what the event loop's tasks wait for."""
    import asyncio  # noqa: PLC0415

    def print_tasks() -> None:
        for task in asyncio.all_tasks():
            print("Task (most recent call first):", file=sys.__stderr__)
            for frame in reversed(list(itertools.islice(awaited_frames(task.get_coro()), MOST_FRAMES))):
                place = (
                    f'  File "{frame.f_code.co_filename}", line {frame.f_lineno} in {frame.f_code.co_name}'
                )
                print(place, file=sys.__stderr__, flush=True)

    if STACK_SIGNAL is not None:
        faulthandler.unregister(STACK_SIGNAL)
        asyncio.get_running_loop().add_signal_handler(STACK_SIGNAL, print_tasks)
        faulthandler.register(STACK_SIGNAL, file=2, chain=True)


def awaited_frames(waiting: Any) -> Iterator[FrameType]:
    """Return the frames of a coroutine and of all that it waits for, the outermost first."""
    while waiting is not None:
        frames = [getattr(waiting, f"{kind}_frame", None) for kind in ("cr", "gi", "ag")]
        yield from filter(None, frames)
        following = [getattr(waiting, f"{kind}", None) for kind in ("cr_await", "gi_yieldfrom", "ag_await")]
        if not any(frames):  # such as what `async with` waits for; its generator is behind it
            following += [one for one in gc.get_referents(waiting) if hasattr(one, "ag_frame")]
        waiting = next(filter(None, following), None)
