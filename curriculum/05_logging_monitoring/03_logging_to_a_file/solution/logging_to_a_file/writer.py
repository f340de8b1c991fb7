"""What stands between those who log and the disk: a queue, and the thread that empties it."""

import json
import sys
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Condition, Thread

from .files import LogFile

CLOSE_SECONDS = 4.0
"""For how long the end of the app waits for the disk; whoever ends it waits for five seconds."""


class LogWriter:
    """Takes lines without waiting for the disk, and writes them in a thread of its own.

    Args:
        file: what takes the lines in the end.
        max_lines: how many lines may wait; what comes when there are so many is lost, and counted.
    """

    def __init__(self, file: LogFile, max_lines: int) -> None:
        self.file = file
        self.max_lines = max_lines
        self.waiting: deque[bytes] = deque()
        self.in_work: deque[bytes] = deque()  # they have left the queue, and are not written yet
        self.lost = 0
        self.is_failing = False
        self.is_closing = False
        self.has_ended = False
        self.changed = Condition()
        self.thread = Thread(
            target=self.run, name="log", daemon=True
        )  # a disk that hangs keeps no process alive

    def start(self) -> None:
        """Begin to write. What was put before has waited."""
        self.thread.start()

    def close(self) -> None:
        """Write all that waits, and end; if the disk hangs, give up."""
        with self.changed:
            self.is_closing = True
            self.changed.notify()
        self.thread.join(CLOSE_SECONDS)

    def put(self, line: bytes) -> None:
        """Take a line. This waits for the disk only after the end, when nobody waits for a response any more."""
        with self.changed:
            if self.has_ended:
                self.write(deque([line]))
            elif len(self.waiting) < self.max_lines:
                self.waiting.append(line)
                self.changed.notify()
            else:
                self.lost += 1

    def run(self) -> None:
        """Write, in the thread, until everything is written and nothing is to come."""
        self.attempt(self.file.recover)
        while not self.has_ended:
            with self.changed:
                self.changed.wait_for(lambda: self.waiting or self.is_closing)
                self.in_work, self.waiting = self.waiting, deque()
                self.has_ended = not self.in_work
            self.write(self.in_work)

    def write(self, lines: deque[bytes]) -> None:
        """Write lines, after one that says how many were lost before; those that cannot be written are lost, too."""

        def report_and_write() -> None:
            if lost := self.lost:
                self.file.append(deque([describe_loss(lost)]))
                with self.changed:
                    self.lost -= lost
            self.file.append(lines)

        self.attempt(report_and_write)
        with self.changed:
            self.lost += len(lines)

    def attempt(self, work: Callable[[], None]) -> None:
        """Do some work on the disk; if that fails, say so on standard error, once until it succeeds again."""
        try:
            work()
            self.is_failing = False
        except OSError as error:
            if not self.is_failing:
                print(f"Lines for {self.file.path} are lost: {error}", file=sys.stderr, flush=True)
            self.is_failing = True


def describe_loss(lost: int) -> bytes:
    """Return the line that says how many lines were lost."""
    fields = {
        "timestamp": datetime.now(UTC).isoformat(),
        "level": "warning",
        "event": "lines lost",
        "request_id": None,
        "user": None,
        "lost": lost,
    }
    return json.dumps(fields).encode() + b"\n"
