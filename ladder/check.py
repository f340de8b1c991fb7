"""Runs one exercise's acceptance tests against one app, and gives a report."""

import contextlib
import io
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_timeout

from ladder import kit
from ladder.catalog import App, Exercise
from ladder.errors import AppFaultError, LadderError
from ladder.report import UNJUDGED, Failure, Outcome, Report, Result
from ladder.server import Runner
from ladder.services import Service

TEST_LIMIT = 30
"""Seconds that one test may take, its server's start included."""

UNUSED_PLUGINS = [
    "cacheprovider",
    "debugging",
    "doctest",
    "faulthandler",
    "freeze_support",
    "junitxml",
    "legacypath",
    "logging",
    "pastebin",
    "setuponly",
    "setupplan",
    "stepwise",
    "subtests",
    "terminalprogress",
    "threadexception",
    "unittest",
    "unraisableexception",
]
"""What of pytest a check does not need: with all of it, a third more of the grader's time goes into pytest."""
SIGNS_OF_CI = ("CI", "BUILD_NUMBER")
"""The environment variables by which pytest knows that it runs in CI."""

Place = tuple[Runner, Sequence[Service]]
"""Where an app runs: what starts its servers, and the services that it needs."""
Progress = Callable[[int, int], None]
"""Is called with the number of criteria judged so far, and of all."""


class OutOfTimeError(LadderError):
    """The time for all criteria is over."""


class Recorder:
    """A pytest plugin that collects what became of each test."""

    def __init__(
        self, exercise: Exercise, on_progress: Progress, place: Place | None, seconds: float
    ) -> None:
        self.exercise = exercise
        self.on_progress = on_progress
        self.place = place
        self.limit = seconds
        self.deadline = time.monotonic() + seconds
        self.outcomes: dict[str, list[Outcome]] = {}
        self.failures: dict[str, list[Failure]] = {}
        self.seconds: dict[str, float] = {}
        self.left_out: set[str] = set()
        self.problem: str | None = None
        self.app_at_fault = False
        self.interrupted = False

    def pytest_configure(self, config: pytest.Config) -> None:
        """Tell the kit where the app runs."""
        if self.place is not None:
            config.stash[kit.RUNS_ON] = self.place

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

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that a test file cannot be read: without all of them, nothing is judged."""
        if report.failed:
            self.problem = f"No test of {self.exercise.path} could be run:\n{report.longreprtext}"

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note what is not asked."""
        self.left_out |= {item.function.__name__ for item in items if isinstance(item, pytest.Function)}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Note one phase of one test; the kit has put its explanation to the report."""
        report: Any = yield
        assert isinstance(item, pytest.Function)
        name = item.function.__name__
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        if report.when == "call" or not report.passed:
            if report.passed:
                self.outcomes.setdefault(name, []).append(Outcome.PASSED)
            elif report.skipped:
                self.note_failure(
                    name, Failure(message="The test was skipped: it must run."), Outcome.SKIPPED
                )
            else:
                error = call.excinfo.value if call.excinfo is not None else None
                self.app_at_fault = self.app_at_fault or isinstance(error, AppFaultError)
                self.note_failure(name, report.failure, outcome_of(error, report.when))
        run = item.config.pluginmanager.get_plugin("ladder-kit")
        assert isinstance(run, kit.Kit)
        self.problem = self.problem or run.problems.get(self.exercise.path)
        if self.problem is not None:
            item.session.shouldstop = "the app cannot be judged"
        if report.when == "teardown":
            self.on_progress(len(self.outcomes), len(self.exercise.ticket.criteria))
        return report

    def note_failure(self, name: str, failure: Failure, outcome: Outcome) -> None:
        """Note a case that did not pass; a test that ran into its limit has judged nothing."""
        if failure.message.startswith("Timeout ("):
            outcome = Outcome.TIMED_OUT
            message = (
                f"The test was stopped at its limit of {TEST_LIMIT} seconds. "
                "Run the app (ladder run) and send the last request yourself to see what takes so long."
            )
            failure = failure.model_copy(update={"message": message})
        self.outcomes.setdefault(name, []).append(outcome)
        self.failures.setdefault(name, []).append(failure)

    def results(self) -> list[Result]:
        """Give one result for each criterion of the ticket, in its order; one that has no test's word was not run."""
        return [
            Result(
                number=criterion.number,
                sentence=criterion.sentence,
                test=criterion.test_name,
                outcome=self.outcome(criterion.test_name),
                seconds=round(self.seconds.get(criterion.test_name, 0.0), 4),
                failures=self.failures.get(criterion.test_name, []),
            )
            for criterion in self.exercise.ticket.criteria
        ]

    def outcome(self, name: str) -> Outcome:
        """Give the outcome of one criterion, from those of its cases."""
        if name in self.left_out:
            return Outcome.LEFT_OUT
        outcomes = set(self.outcomes.get(name, [Outcome.NOT_RUN]))
        for outcome in (*UNJUDGED, Outcome.FAILED):
            if outcome in outcomes:
                return outcome
        return Outcome.PASSED


def outcome_of(error: BaseException | None, phase: str) -> Outcome:
    """Give the outcome of a test that failed: whose fault its error is.

    Args:
        error: what was raised.
        phase: `setup`, `call` or `teardown`.
    """
    if isinstance(error, OutOfTimeError):
        return Outcome.TIMED_OUT
    if isinstance(error, AppFaultError):
        return Outcome.NOT_RUN
    return Outcome.ERROR if phase == "teardown" or isinstance(error, LadderError) else Outcome.FAILED


def check(
    exercise: Exercise,
    app: App | None = None,
    *,
    url: str | None = None,
    python: Path | None = None,
    seed: int | None = None,
    one_server: bool = False,
    place: Place | None = None,
    seconds: float = math.inf,
    on_progress: Progress = lambda _done, _all: None,
) -> Report:
    """Judge an app by an exercise's criteria.

    Args:
        exercise: whose tests to run.
        app: the folder and package to judge; or
        url: the base URL of a server that is running already.
        python: the interpreter of the app's environment; by default, this one.
        seed: replays the values of another run; by default, new ones are made.
        one_server: lets all criteria that can share one server, which is quicker; by default, each has its own.
        place: where the app runs, if not in a runner of this process's own.
        seconds: after which no further test is begun.
        on_progress: is called after each test.

    Raises:
        LadderError: the exercise itself is not in order.
    """
    started = time.perf_counter()
    exercise.require_tests_for_criteria()
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    where = url if url is not None else str((app or exercise.solution).folder)
    recorder = Recorder(exercise, on_progress, place, seconds)
    arguments = [
        *(str(exercise.tests), "--rootdir", str(exercise.folder), "-c", os.devnull),
        *("-q", "-s", "--import-mode=importlib", "-W", "error", "--disable-plugin-autoload"),
        *(word for name in UNUSED_PLUGINS for word in ("-p", f"no:{name}")),
        f"--timeout={TEST_LIMIT}",
        *("--seed", str(seed), "--python", str(python or sys.executable)),
        *(["--one-server"] if one_server else []),
        *(("--url", url) if url is not None else ("--app", where)),
    ]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), outside_of_ci():
        status = pytest.main(arguments, plugins=[kit, pytest_timeout, recorder])
    forget_modules(exercise.tests)
    if recorder.interrupted:
        raise KeyboardInterrupt
    problem = recorder.problem
    if problem is None and status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        problem = f"The tests of {exercise.path} could not all be run:\n{printed.getvalue().strip()[-3000:]}"
    return Report(
        exercise=exercise.path,
        app=where,
        seed=seed,
        seconds=round(time.perf_counter() - started, 3),
        problem=problem,
        app_at_fault=recorder.app_at_fault,
        results=recorder.results(),
    )


@contextlib.contextmanager
def outside_of_ci() -> Iterator[None]:
    """Let pytest not notice that it runs in CI: there it words the whole difference of two long lists, for minutes.

    Nobody reads it: a report has a difference of its own.
    """
    hidden = {name: os.environ.pop(name) for name in SIGNS_OF_CI if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def forget_modules(folder: Path) -> None:
    """Forget the test modules that were imported, so that the next check in this process reads them anew."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(f"{folder}{os.sep}"):
            del sys.modules[name]
