"""Runs one exercise's acceptance tests against one app, and gives a report."""

import contextlib
import io
import math
import os
import random
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pytest
import pytest_timeout

from ladder import kit
from ladder import recorder as recorders
from ladder.catalog import App, Exercise
from ladder.recorder import Place, Progress, Recorder
from ladder.report import Report
from ladder.server import warm_up
from ladder.turns import Together

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
    processes: int = 1,
    tests: Collection[str] | None = None,
    plugins: Sequence[object] = (),
    on_ready: Callable[[], object] = lambda: None,
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
        processes: how many take turns; more than one cannot judge a `url`, or use a Redis.
        tests: the names of those to run, in one process; by default, all.
        plugins: more plugins for pytest.
        on_ready: is called when everything is prepared, and the app has not been looked at yet.
        on_progress: is called after each test.

    Raises:
        LadderError: the exercise itself is not in order.
    """
    exercise.require_tests_for_criteria()
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    where = url if url is not None else str((app or exercise.solution).folder)
    python = python or Path(sys.executable)
    arguments = [
        *(str(exercise.tests), "--rootdir", str(exercise.folder), "-c", os.devnull),
        *("-q", "-s", "--import-mode=importlib", "-W", "error", "--disable-plugin-autoload"),
        "--tb=native",  # the kit says what failed; pytest's own words take longer than a test, and nobody reads them
        *(word for name in UNUSED_PLUGINS for word in ("-p", f"no:{name}")),
        f"--timeout={recorders.TEST_LIMIT}",
        *("--seed", str(seed), "--python", str(python)),
        *(["--one-server"] if one_server else []),
        *(("--url", url) if url is not None else ("--app", where)),
    ]
    if processes > 1:
        place = place or warm_up(exercise, python)
    recorder = Recorder(exercise, on_progress, place, seconds, tests, on_ready)
    plugins = [kit, pytest_timeout, recorder, *plugins]
    if processes > 1 and place is not None:
        plugins.append(Together(recorder, place, processes))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), outside_of_ci():
        status = pytest.main(arguments, plugins=plugins)
    forget_modules(exercise.tests)
    if recorder.interrupted:
        raise KeyboardInterrupt
    if recorder.stopped is not None:
        raise recorder.stopped
    found = recorder.found
    problem = found.problem
    if problem is None and status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        problem = f"The tests of {exercise.path} could not all be run:\n{printed.getvalue().strip()[-3000:]}"
    return Report(
        exercise=exercise.path,
        app=where,
        seed=seed,
        seconds=round(time.perf_counter() - recorder.started, 3),
        problem=problem,
        app_at_fault=found.app_at_fault,
        results=found.results(exercise),
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
