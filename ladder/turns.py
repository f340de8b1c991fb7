"""Lets processes judge one app together: each takes the next criterion that nobody has begun, until there is none."""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

import pytest

from ladder import kit
from ladder.recorder import Findings, Place, Recorder
from ladder.zygote import PR_SET_PDEATHSIG, prctl


class Turns:
    """The places, in the ticket's order, of the criteria that nobody has begun yet; forked processes share them.

    Args:
        count: the number of criteria, 256 at most.
    """

    def __init__(self, count: int) -> None:
        self.source, end = os.pipe()
        os.write(end, bytes(range(count)))
        os.close(end)

    def take(self) -> int | None:
        """Give the next place, to this process alone; `None` if there is none left."""
        place = os.read(self.source, 1)
        return place[0] if place else None

    def close(self) -> None:
        """Let go of them."""
        os.close(self.source)


class Together:
    """A pytest plugin that forks helpers, which judge as this process does, and adds what they find to its own.

    Args:
        recorder: the plugin that collects what becomes of the tests.
        place: where all processes start their servers.
        processes: how many there are to be, this one included.
    """

    def __init__(self, recorder: Recorder, place: Place, processes: int) -> None:
        self.recorder = recorder
        self.runner, self.services = place
        self.processes = processes

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the tests, unless they could not be collected.

        Raises:
            pytest.Session.Interrupted: the app cannot be judged.
        """
        if session.testsfailed:
            return None
        criteria = [list(rows) for _, rows in itertools.groupby(session.items, kit.function_of)]
        turns = Turns(len(criteria))
        helpers = [Helper(lambda: self.help(session, criteria, turns)) for _ in range(1, self.processes)]
        try:
            self.take_turns(session, criteria, turns)
            for helper in helpers:
                self.recorder.found.add(helper.finding())
        finally:
            for helper in helpers:
                helper.end()
            turns.close()
        return True

    def take_turns(self, session: pytest.Session, criteria: list[list[pytest.Item]], turns: Turns) -> None:
        """Run the criteria, each given by the rows of its test, whose turn comes in this process.

        Raises:
            pytest.Session.Interrupted: the app cannot be judged.
        """
        while (turn := turns.take()) is not None:
            self.recorder.begun = turn
            rows = criteria[turn]
            for item, following in itertools.zip_longest(rows, rows[1:]):
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)

    def help(self, session: pytest.Session, criteria: list[list[pytest.Item]], turns: Turns) -> Findings:
        """Take turns in a helper, and leave nothing behind."""
        self.recorder.on_progress = lambda _done, _all: (
            None
        )  # who shows it may have been busy with that at the fork
        self.runner.begin_anew()
        for service in self.services:
            service.begin_anew()
        with suppress(session.Interrupted):
            self.take_turns(session, criteria, turns)
        kit.run_of(session.config).pytest_unconfigure()
        for service in self.services:
            service.finish()
        return self.recorder.found


class Helper:
    """A forked process that judges and hands over what it finds."""

    def __init__(self, work: Callable[[], Findings]) -> None:
        context = multiprocessing.get_context("fork")
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=be_helper, args=(work, sender), daemon=True)
        self.process.start()
        sender.close()

    def finding(self) -> Findings:
        """Wait for what it has found: nothing if it has ended before."""
        with suppress(EOFError):
            found: Findings = self.receiver.recv()
            return found
        return Findings()

    def end(self) -> None:
        """See that it has ended."""
        self.process.kill()
        self.process.join()
        self.receiver.close()


def be_helper(work: Callable[[], object], sender: Connection) -> None:
    """Be a helper. Ctrl-C is for the first process, which ends the others; so does its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        sender.send(work())
    finally:
        os._exit(0)  # what else is done at an end is for the first process
