"""Collects what became of an exercise's tests."""

import itertools
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ladder.base.errors import AppFaultError, LadderError
from ladder.checking import kit
from ladder.checking.report import UNJUDGED, Failure, Outcome, Result
from ladder.course.catalog import Exercise
from ladder.services.servers import Service
from ladder.serving.runner import Runner

TEST_LIMIT = 60
"""Seconds that one test may take, the start of its server included, but for the first start of the app."""

Place = tuple[Runner, Sequence[Service]]
"""Where an app runs: what starts its servers, and the services that it needs."""
Progress = Callable[[int, int], None]
"""Is called with the number of criteria judged so far, and of all."""


class OutOfTimeError(LadderError):
    """The time for all criteria is over."""


@dataclass
class Findings:
    """What became of the tests, by the names of their functions.

    Attributes:
        problem: why nothing could be judged.
        app_at_fault: whether that is the app's fault.
    """

    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    problem: str | None = None
    app_at_fault: bool = False

    def add(self, others: "Findings") -> None:
        """Add what another process has found about other tests."""
        self.outcomes |= others.outcomes
        self.failures |= others.failures
        self.seconds |= others.seconds
        self.left_out |= others.left_out
        self.problem = self.problem or others.problem
        self.app_at_fault = self.app_at_fault or others.app_at_fault

    def take(self, name: str) -> "Findings":
        """Take out what became of one test."""
        return Findings(
            {name: self.outcomes.pop(name, [])},
            {name: failures} if (failures := self.failures.pop(name, [])) else {},
            {name: self.seconds.pop(name, 0.0)},
        )

    def with_note(self, note: str) -> "Findings":
        """Return the same with a note to each failure."""
        failures = {
            name: [failure.model_copy(update={"message": f"{failure.message}\n{note}"}) for failure in found]
            for name, found in self.failures.items()
        }
        return replace(self, failures=failures)

    def results(self, exercise: Exercise) -> list[Result]:
        """Return one result for each criterion of the ticket, in its order; one that has no test's word was not run."""
        return [
            Result(
                number=criterion.number,
                sentence=criterion.sentence,
                test=criterion.test_name,
                outcome=(outcome := self.outcome(criterion.test_name)),
                to_do=outcome is Outcome.FAILED
                and all(failure.is_to_do for failure in self.failures.get(criterion.test_name, [])),
                seconds=round(self.seconds.get(criterion.test_name, 0.0), 4),
                failures=self.failures.get(criterion.test_name, []),
            )
            for criterion in exercise.ticket.criteria
        ]

    def outcome(self, name: str) -> Outcome:
        """Return the outcome of one criterion, from those of its cases."""
        if name in self.left_out:
            return Outcome.LEFT_OUT
        outcomes = set(self.outcomes.get(name, [Outcome.NOT_RUN]))
        for outcome in (*UNJUDGED, Outcome.FAILED):
            if outcome in outcomes:
                return outcome
        return Outcome.PASSED


class Recorder:
    """A pytest plugin that collects what became of each test."""

    def __init__(
        self,
        exercise: Exercise,
        on_progress: Progress,
        place: Place | None,
        seconds: float,
        tests: Collection[str] | None = None,
        on_ready: Callable[[], object] = lambda: None,
    ) -> None:
        self.exercise = exercise
        self.tests = tests
        self.on_progress = on_progress
        self.on_ready = on_ready
        self.place = place
        self.started = time.perf_counter()
        self.limit = seconds
        self.deadline = time.monotonic() + seconds
        self.begun = 0  # criteria, by all processes together
        self.found = Findings()
        self.interrupted = False
        self.stopped: SystemExit | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        """Return the kit where the app runs."""
        if self.place is not None:
            config.stash[kit.RUNS_ON] = self.place

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run the tests when the verdict is wanted, unless they could not be collected."""
        if session.testsfailed:
            return None
        self.wait_until_wanted()
        self.run(session.items)
        return True

    def run(self, items: Sequence[pytest.Item]) -> None:
        """Run tests, one after the other, until it is known that the app cannot be judged.

        The app is started before the first one, whose limit does not count for that.
        """
        run = kit.run_of(items[0].config)
        if run.url is None:
            with suppress(LadderError):  # the first test meets it again
                run.launcher_for(items[0].path)
        for item, following in itertools.zip_longest(items, items[1:]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.found.problem is not None:
                item.config.hook.pytest_runtest_teardown(item=item, nextitem=None)  # as after the last one
                break

    def wait_until_wanted(self) -> None:
        """Tell whoever asks for the verdict that all is prepared; the time counts from then on."""
        self.on_ready()
        self.started = time.perf_counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Begin no test after the deadline.

        Raises:
            OutOfTimeError: it has passed.
        """
        if time.monotonic() > self.deadline:
            raise OutOfTimeError(
                f"The {self.limit:g} seconds for all criteria were used up before this one: see what takes so long."
            )

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that somebody pressed Ctrl-C."""
        self.interrupted = type(excinfo.value) is KeyboardInterrupt  # pytest's own stops are kinds of it

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that somebody wants this process to end."""
        if isinstance(excinfo.value, SystemExit):
            self.stopped = excinfo.value

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that a test file cannot be read: without all of them, nothing is judged."""
        if report.failed:
            self.found.problem = f"No test of {self.exercise.path} could be run:\n{report.longreprtext}"

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the tests that are not to be run."""
        if self.tests is not None:
            left_out = [item for item in items if getattr(item, "originalname", None) not in self.tests]
            items[:] = [item for item in items if item not in left_out]
            config.hook.pytest_deselected(items=left_out)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note what is not asked."""
        self.found.left_out |= {item.function.__name__ for item in items if isinstance(item, pytest.Function)}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Note one phase of one test; the kit has put its explanation to the report."""
        report: Any = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, SystemExit):
            raise call.excinfo.value  # no test's verdict: somebody wants this process to end
        assert isinstance(item, pytest.Function)
        name = item.function.__name__
        self.found.seconds[name] = self.found.seconds.get(name, 0.0) + report.duration
        if report.when == "call" or not report.passed:
            if report.passed:
                self.found.outcomes.setdefault(name, []).append(Outcome.PASSED)
            elif report.skipped:
                self.note_failure(
                    name, Failure(message="The test was skipped: it must run."), Outcome.SKIPPED
                )
            else:
                error = call.excinfo.value if call.excinfo is not None else None
                self.found.app_at_fault = self.found.app_at_fault or isinstance(error, AppFaultError)
                self.note_failure(name, report.failure, outcome_of(error, report.when))
        problems = kit.run_of(item.config).problems
        self.found.problem = self.found.problem or problems.get(self.exercise.path)
        if report.when == "teardown":
            self.on_progress(max(self.begun, len(self.found.outcomes)), len(self.exercise.ticket.criteria))
        return report

    def note_failure(self, name: str, failure: Failure, outcome: Outcome) -> None:
        """Note a case that did not pass; a test that ran into its limit has judged nothing."""
        if failure.message.startswith("Timeout ("):
            outcome = Outcome.TIMED_OUT
            limit = float(failure.message.partition(">")[2].partition("s")[0])
            message = (
                f"The test was stopped at its limit of {limit:g} seconds. "
                "Run the app (ladder run) and send the last request yourself to see what takes so long."
            )
            failure = failure.model_copy(update={"message": message})
        self.found.outcomes.setdefault(name, []).append(outcome)
        self.found.failures.setdefault(name, []).append(failure)


def outcome_of(error: BaseException | None, phase: str) -> Outcome:
    """Return the outcome of a test that failed: whose fault its error is.

    Args:
        error: what was raised.
        phase: `setup`, `call` or `teardown`.
    """
    if isinstance(error, OutOfTimeError):
        return Outcome.TIMED_OUT
    if isinstance(error, AppFaultError):
        return Outcome.NOT_RUN
    return Outcome.ERROR if phase == "teardown" or isinstance(error, LadderError) else Outcome.FAILED
