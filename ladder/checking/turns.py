"""Lets processes judge one app together: each takes the next criterion that nobody has begun, until there is none."""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection

import pytest

from ladder.base.errors import AppFaultError, LadderError
from ladder.base.workers import cores_of_ours
from ladder.checking import kit
from ladder.checking.recorder import Findings, Place, Recorder
from ladder.checking.report import Outcome, find_first_failure
from ladder.inside.zygote import PR_SET_PDEATHSIG, prctl

Criteria = Sequence[Sequence[pytest.Item]]
"""The tests of the criteria, each given by its rows, in the order in which they are begun."""
MOST_SECONDS = 5.0
"""How long a failure may have taken that is judged again."""
PASSES_ALONE = (
    "(It failed while other criteria were judged beside it, each with a server of its own, and passed alone: see "
    "whether the app keeps anything outside of its working directory and its database, or loses what comes at once.)"
)


class Turns:
    """The places, in a list, of the criteria that nobody has begun yet; forked processes share them."""

    def __init__(self) -> None:
        self.source, self.end = os.pipe()

    def begin(self, count: int) -> None:
        """Let whoever waits take the first of so many places, 256 at most."""
        os.write(self.end, bytes(range(count)))
        self.give_no_more()

    def give_no_more(self) -> None:
        """Give no places from this process; when no process can give any, nobody waits for one."""
        if self.end != -1:
            os.close(self.end)
        self.end = -1

    def take(self) -> int | None:
        """Return the next place, to this process alone; `None` if there is none left."""
        place = os.read(self.source, 1)
        return place[0] if place else None

    def close(self) -> None:
        """Let go of them."""
        os.close(self.source)
        self.give_no_more()


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

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the tests, unless there is none, or they could not be collected.

        Helpers wait until the app has started once: what it does at its first start alone is done by then.
        """
        if session.testsfailed or not session.items:
            return None
        run = kit.run_of(session.config)
        criteria = [list(rows) for _, rows in itertools.groupby(session.items, kit.function_of)]
        # Tickets end with restarts and hundreds of requests at once; begun last, these would let the others wait.
        criteria.reverse()
        cores = cores_of_ours()
        shares = [cores[number :: self.processes] or cores for number in range(self.processes)]
        turns = Turns()
        helpers = [Helper(partial(self.help, run, criteria, turns, share)) for share in shares[1:]]
        try:
            self.recorder.wait_until_wanted()
            self.keep_to(shares[0])
            try:
                run.launcher_for(session.items[0].path)
            except LadderError as error:  # the run tells it with the first test
                self.recorder.found.app_at_fault = isinstance(error, AppFaultError)
                while helpers:
                    helpers.pop().end()
            turns.begin(len(criteria))
            self.take_turns(criteria, turns)
            for helper in helpers:
                self.recorder.found.add(helper.finding())
        finally:
            for helper in helpers:
                helper.end()
            turns.close()
            self.keep_to(cores)
        if self.recorder.found.problem is None:
            self.confirm(criteria)
        return True

    def take_turns(self, criteria: Criteria, turns: Turns) -> None:
        """Judge the criteria whose turn comes in this process, until it is known that the app cannot be judged."""
        while self.recorder.found.problem is None and (turn := turns.take()) is not None:
            self.recorder.begun = turn
            self.recorder.run(criteria[turn])

    def confirm(self, criteria: Criteria) -> None:
        """Judge alone what a helper that has gone did not judge, and the failure shown: a note says if it passes then.

        A failure that took long is not waited for again.
        """
        found = self.recorder.found
        rows_of = {rows[0].name.partition("[")[0]: rows for rows in criteria}
        confirmed = False
        results = found.results(self.recorder.exercise)
        shown = find_first_failure(results)
        for result in sorted(results, key=lambda result: result is not shown):
            name = result.test
            if found.outcome(name) is Outcome.PASSED:
                continue
            has_failed = name in found.failures
            if has_failed and (confirmed or found.seconds[name] > MOST_SECONDS):
                confirmed = True
                continue
            before = found.take(name)
            self.recorder.run(rows_of[name])
            confirmed = confirmed or has_failed
            if has_failed and found.outcome(name) is Outcome.PASSED:
                found.add(before.with_note(PASSES_ALONE))

    def keep_to(self, cores: Sequence[int]) -> None:
        """Keep to these cores, with the servers that this process starts: they wait for each other most of the time."""
        os.sched_setaffinity(0, cores)
        self.runner.cores = cores

    def help(self, run: kit.Kit, criteria: Criteria, turns: Turns, cores: Sequence[int]) -> Findings:
        """Take turns in a helper, and leave nothing behind."""
        turns.give_no_more()
        self.keep_to(cores)
        self.recorder.on_progress = lambda _done, _all: None  # the first process shows it
        self.runner.begin_anew()
        for service in self.services:
            service.begin_anew()
        self.take_turns(criteria, turns)
        run.pytest_unconfigure()
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
        """Check that it has ended."""
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
