"""Runs one exercise's acceptance tests against one app, and gives a report."""

import contextlib
import io
import math
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_timeout

from ladder.base.workers import crowding
from ladder.checking import kit
from ladder.checking import recorder as recorders
from ladder.checking.recorder import Place, Progress, Recorder
from ladder.checking.report import Report
from ladder.checking.turns import Together
from ladder.course.catalog import App, Exercise
from ladder.serving.launcher import warm_up

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
CheckApp = Callable[[App, Place, float], Report]
"""Judges an app, in the place where it runs; after so many seconds, no further test is begun."""
MakeRecorder = Callable[[Exercise, Progress, Place, float], Recorder]
"""Makes the recorder of one app; `Recorder` itself is one."""
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
        processes: how many take turns; more than one cannot judge a `url`, or use a user's server.
        tests: the names of those to run, in one process; by default, all.
        plugins: more plugins for pytest.
        on_ready: is called when everything is prepared, and the app has not been looked at yet.
        on_progress: is called after each test.

    Raises:
        LadderError: the exercise itself is not in order.
    """
    exercise.require_tests_for_criteria()
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    app = app or exercise.solution
    python = python or Path(sys.executable)
    options = [
        *(["--one-server"] if one_server else []),
        *(("--url", url) if url is not None else ("--app", str(app.folder))),
    ]
    if processes > 1:
        place = place or warm_up(exercise, python)
    recorder = Recorder(exercise, on_progress, place, seconds, tests, on_ready)
    plugins = [recorder, *plugins]
    if processes > 1 and place is not None:
        plugins.append(Together(recorder, place, processes))
    status, printed = run_pytest(exercise, python, seed, options, plugins)
    if recorder.interrupted:
        raise KeyboardInterrupt
    if recorder.stopped is not None:
        raise recorder.stopped
    fault = None if status in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED} else printed
    return make_report(exercise, url if url is not None else str(app.folder), seed, recorder, fault)


def check_each(
    exercise: Exercise,
    python: Path,
    seed: int,
    work: Callable[[CheckApp], None],
    make_recorder: MakeRecorder = Recorder,
) -> None:
    """Collect the tests once, and judge one app after the other by them: that saves a tenth of each check.

    Args:
        exercise: whose tests to run.
        python: the interpreter of the apps' environment.
        seed: of the values that all apps are tested with.
        work: is called with the function that judges, and calls it as often as it wants. It is not called where the
            tests cannot be collected: `check` tells why.
        make_recorder: makes what runs the tests on one app, and collects what becomes of them.

    Raises:
        LadderError: the exercise itself is not in order.
    """
    exercise.require_tests_for_criteria()
    run_pytest(exercise, python, seed, [], [Rounds(exercise, seed, work, make_recorder)])


class Rounds:
    """A pytest plugin that runs the tests on one app after the other; its arguments are those of `check_each`."""

    def __init__(
        self, exercise: Exercise, seed: int, work: Callable[[CheckApp], None], make_recorder: MakeRecorder
    ) -> None:
        self.exercise = exercise
        self.seed = seed
        self.work = work
        self.make_recorder = make_recorder

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Let them be run, unless they could not be collected."""
        if session.testsfailed:
            return None
        self.work(partial(self.judge, session))
        return True

    def judge(self, session: pytest.Session, app: App, place: Place, seconds: float) -> Report:
        """Judge one app."""
        plugins = session.config.pluginmanager
        recorder = self.make_recorder(self.exercise, lambda _done, _all: None, place, seconds)
        recorder.pytest_configure(session.config)
        plugins.register(recorder)
        run = kit.begin_run(session.config, app.folder)
        fault = None
        try:
            recorder.run(session.items)
        except (Exception, SystemExit, pytest.fail.Exception):
            # Whatever pytest meets is a fault of the grader's, in this one report; the last one is a test's time limit
            # that is over when the test is, too.
            fault = traceback.format_exc()
            session.config.hook.pytest_runtest_teardown(item=session.items[0], nextitem=None)
        finally:
            run.pytest_unconfigure()
            plugins.unregister(recorder)
            reporter: Any = plugins.get_plugin("terminalreporter")
            reporter.stats.clear()  # or it would keep the report of every test
        report = make_report(self.exercise, str(app.folder), self.seed, recorder, fault)
        vars(recorder).clear()  # pluggy remembers it, as it does the kit
        return report


def run_pytest(
    exercise: Exercise, python: Path, seed: int, options: Sequence[str], plugins: Sequence[object]
) -> tuple[int, str]:
    """Run pytest on an exercise's tests, with the kit.

    Returns:
        its exit status, and what it printed.
    """
    arguments = [
        *(str(exercise.tests), "--rootdir", str(exercise.folder), "-c", os.devnull),
        *("-q", "-s", "--import-mode=importlib", "--disable-plugin-autoload"),
        *("-W", "error", "-W", "ignore::ResourceWarning"),  # such as of a file that is being read at a Ctrl-C
        "--tb=native",  # the kit says what failed; pytest's own words take longer than a test, and nobody reads them
        *(word for name in UNUSED_PLUGINS for word in ("-p", f"no:{name}")),
        f"--timeout={recorders.TEST_LIMIT * crowding():.0f}",
        *("--seed", str(seed), "--python", str(python)),
        *options,
    ]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), outside_of_ci():
        status = pytest.main(arguments, plugins=[kit, pytest_timeout, *plugins])
    forget_modules(exercise.tests)
    return status, printed.getvalue()


def make_report(exercise: Exercise, where: str, seed: int, recorder: Recorder, fault: str | None) -> Report:
    """Make the report on an app.

    Args:
        exercise: by whose criteria it was judged.
        where: its folder, or its URL.
        seed: of the values that it was tested with.
        recorder: has what was found.
        fault: what pytest itself printed, if it could not run all tests.
    """
    found = recorder.found
    problem = found.problem
    if problem is None and fault is not None:
        problem = f"The tests of {exercise.path} could not all be run:\n{fault.strip()[-3000:]}"
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
