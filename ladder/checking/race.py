"""Makes requests compete, instead of hoping that they will.

Of requests that are merely sent at the same time, most find an app that has nothing else to do, and a race that is
there is seen by luck. Here each request is sent but for its last byte; when all of them are there, the app is
stopped, the last bytes are sent, and it goes on with all of them to begin at once. Its worker threads then rest
before the lines of its own files (`ladder.inside.pauses.pause_at_signal`), so that between a check and what follows
from it others come.
"""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from ladder.client.connection import gate
from ladder.client.errors import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ladder.serving.server import Server

GATE_SECONDS = 5.0
"""How long the others wait for a request that does not come."""
Answer = TypeVar("Answer")


class Gate:
    """Where so many requests wait until all of them are there.

    Args:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        self.missing = threading.Semaphore(0)
        self.sent = threading.Semaphore(0)
        self.opened = threading.Event()
        self.count = count

    def wait(self) -> None:
        """Wait until the gate is opened."""
        self.missing.release()
        self.opened.wait(GATE_SECONDS)

    def note_sent(self) -> None:
        """Note that a whole request is out."""
        self.sent.release()

    def wait_for_all(self) -> None:
        """Wait until all requests are there; one that never comes is not waited for."""
        wait_for(self.missing, self.count)

    def open(self) -> None:
        """Let all requests go on, and wait until they are out."""
        self.opened.set()
        wait_for(self.sent, self.count)


def wait_for(semaphore: threading.Semaphore, count: int) -> None:
    """Wait until a semaphore was released so many times, `GATE_SECONDS` at most."""
    deadline = time.monotonic() + GATE_SECONDS
    for _ in range(count):
        semaphore.acquire(timeout=max(0.0, deadline - time.monotonic()))


def compete(
    pool: ThreadPoolExecutor, count: int, call: Callable[[int], Answer], servers: Sequence["Server"]
) -> list[Answer]:
    """Call a function many times, so that the first request of each call competes with those of all others.

    Args:
        pool: has a thread for each call.
        count: how many calls.
        call: is called with a number from 0 on.
        servers: whom the calls may ask; of a server that somebody else has started, nothing is stopped.

    Returns:
        what the calls have given, in order.
    """
    line = Gate(count)

    def begin(number: int) -> Answer:
        gate.set(line)
        try:
            return call(number)
        finally:
            if gate.get() is not None:  # it has sent nothing
                gate.set(None)
                line.missing.release()
            line.sent.release()  # or it is out, and failed

    calls = [pool.submit(begin, number) for number in range(count)]
    line.wait_for_all()
    with ExitStack() as stopped:
        for server in servers:
            stopped.enter_context(stop(server))
        line.open()
    try:
        return [one.result() for one in calls]
    finally:
        for server in servers:
            server.end_race()


@contextmanager
def stop(server: "Server") -> "Iterator[None]":
    """Let a server read all that it was sent, and stop it meanwhile."""
    with suppress(NoAnswerError), server.process.address.open_client() as client:
        client.get("/")  # it answers this after it has read what came before
        server.begin_race()  # not before: one that is still starting would end
    server.process.send_signal(signal.SIGSTOP)
    server.process.cpu_seconds()  # the signals before this question have been sent
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)
