"""Verifies one part of an exercise: its reference, its starter, its contract, its documents, or a mistake."""

import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from ladder.authoring.documents import verify_documents
from ladder.authoring.openapi import Exchanges, undeclared
from ladder.authoring.reach import Reach, ReachRecorder, add_notes
from ladder.checking import kit
from ladder.checking.check import check
from ladder.checking.report import UNJUDGED, Outcome, Report, Verdict, failure_text
from ladder.client.errors import BadAnswerError, NoAnswerError
from ladder.course.catalog import App, Exercise, Mistake
from ladder.serving.launcher import Launcher, warm_up
from ladder.serving.server import Server

MISTAKE = "mistake "
"""What the names of these parts begin with."""
ANY_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
BROKEN = re.compile(r"^(NameError|ImportError|ModuleNotFoundError): .+", re.MULTILINE)
"""What a wrong version prints that fails because it is broken, and not because it is wrong."""
ANY_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def verify_part(exercise: Exercise, part: str, reach: Reach | None, *, quick: bool = False) -> str | None:
    """Verify one part that is not the reference.

    Args:
        exercise: whose part it is.
        part: its name.
        reach: tells which tests can notice a mistake; by default, any can.
        quick: whether a mistake is judged only by the criteria that its entry names.

    Returns:
        what is wrong with it, or `None`.
    """
    if part.startswith(MISTAKE):
        name = part.removeprefix(MISTAKE)
        mistake = next(one for one in exercise.mistakes if one.name == name)
        return verify_mistake(exercise, mistake, reach, quick=quick)
    verify: dict[str, Callable[[Exercise], str | None]] = {
        "reference on one server": verify_reference_on_one_server,
        "starter": verify_starter,
        "contract": verify_contract,
        "documents": verify_documents,
    }
    return verify[part](exercise)


def verify_reference(exercise: Exercise) -> tuple[str | None, Reach | None]:
    """Check that the reference passes every criterion, and what of it each of them needs.

    Returns:
        what is wrong, or `None`; and what its tests begin, if nothing is.
    """
    exchanges = Exchanges()
    with suppress(SyntaxError):
        noted, reach = check_noted(exercise, exchanges)
        if noted.verdict is Verdict.PASSED:
            return openapi_problem(exercise, exchanges), reach
    report = check(exercise, exercise.solution)  # what it says is about the reference itself
    first = report.first_failure
    if report.problem is not None or first is None:
        return report.problem, None
    return f"criterion {first.number} ({first.outcome}): {first_reason(report)} (--seed {report.seed})", None


def check_noted(exercise: Exercise, *plugins: object) -> tuple[Report, Reach]:
    """Check a copy of the reference that notes what the tests begin.

    Raises:
        SyntaxError: the reference is not Python.
    """
    with copied(exercise, exercise.solution) as app:
        notes = app.folder / "notes.txt"  # no package is called so
        add_notes(app.source, notes)
        recorder = ReachRecorder(notes)
        return check(exercise, app, plugins=[recorder, *plugins]), recorder.reach()


def openapi_problem(exercise: Exercise, exchanges: Exchanges) -> str | None:
    """Check that the reference declares in `/openapi.json` what it answered."""
    with launched_reference(exercise) as server:
        response = server.client.get("/openapi.json")
        if not response.is_success:
            return f"GET /openapi.json is answered with {response.status_code}"
        document = response.json()
    return "; ".join(undeclared(document, exchanges.seen)) or None


@contextmanager
def launched_reference(exercise: Exercise) -> Iterator[Server]:
    """Return a server of the reference, and end it."""
    runner, services = warm_up(exercise)
    launcher = Launcher(runner, exercise.solution, services)
    server = launcher.launch()
    try:
        yield server
    finally:
        server.close()
        launcher.close()


@contextmanager
def copied(exercise: Exercise, app: App) -> Iterator[App]:
    """Return a copy of an exercise's app that may be changed."""
    # The run's own folder, which is removed whatever happens to this process.
    folder = warm_up(exercise)[0].new_folder()
    try:
        yield app.copy_to(folder)
    finally:
        shutil.rmtree(folder)


class SharedServerOnly:
    """A pytest plugin that leaves out the tests which have servers of their own either way."""

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave them out."""
        kit.leave_out_own_servers(config, items)


class OneFailureEach:
    """A pytest plugin that runs no further row of a test once one has failed: no other row changes the verdict."""

    def __init__(self) -> None:
        self.failed: set[object] = set()  # functions

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Leave a row out; what the rows before it have set up ends as if it had been run."""
        if kit.function_of(item) not in self.failed:
            return None
        item.config.hook.pytest_runtest_teardown(item=item, nextitem=nextitem)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Any:
        """Note a failure."""
        report: Any = yield
        if report.failed:
            self.failed.add(kit.function_of(item))
        return report


def verify_reference_on_one_server(exercise: Exercise) -> str | None:
    """Check that the criteria which do not ask for a server of their own can do without: `--url` relies on it.

    The others are left out: they have just been judged with such servers.
    """
    report = check(exercise, exercise.solution, one_server=True, plugins=[SharedServerOnly()])
    if len(report.numbers(Outcome.LEFT_OUT)) == len(report.results):
        return None
    first = report.first_failure
    if report.problem is not None or first is None:
        return report.problem
    return f"criterion {first.number} counts on an app without a past, so it needs fresh_client: {first_reason(report)}"


def verify_starter(exercise: Exercise) -> str | None:
    """Check that the starter starts, and passes nothing."""
    report = check(exercise, exercise.starter, one_server=True)
    passed = report.numbers(Outcome.PASSED)
    if report.problem is not None:
        return report.problem
    if passed:
        return f"it passes {', '.join(map(str, sorted(passed)))}: see that these tests first see something that works"
    errors = report.numbers(*UNJUDGED)
    return (
        f"criteria {', '.join(map(str, sorted(errors)))} could not be judged: {first_reason(report)}"
        if errors
        else None
    )


def verify_mistake(
    exercise: Exercise, mistake: Mistake, reach: Reach | None, *, quick: bool = False
) -> str | None:
    """Check that a wrong version is caught by exactly the criteria that its entry names; if it is quick, by these."""
    with copied(exercise, exercise.solution) as app:
        problem = mistake.apply(app.source)
        if problem is not None:
            return problem
        named = {one.test_name for one in exercise.ticket.criteria if one.number in mistake.caught_by}
        if quick:
            return verify_wrong(exercise, app, mistake.caught_by, named, others=False)
        before, after = (
            one.source.joinpath(mistake.file).read_text(encoding="utf-8") for one in (exercise.solution, app)
        )
        tests = reach.tests_of(mistake.file, before, after) if reach is not None else None
        return verify_wrong(exercise, app, mistake.caught_by, tests | named if tests is not None else None)


def verify_wrong(
    exercise: Exercise,
    app: App,
    caught_by: Collection[int],
    tests: Collection[str] | None = None,
    *,
    others: bool = True,
) -> str | None:
    """Check that a wrong app is caught by exactly these criteria.

    Args:
        exercise: whose criteria.
        app: the wrong one.
        caught_by: the numbers of the criteria that must fail.
        tests: the names of the tests that can notice it; by default, any can.
        others: whether all others are asked, where these have not agreed.

    Returns:
        what else was seen, or `None`.
    """
    report = check(exercise, app, one_server=True, tests=tests, plugins=[OneFailureEach()])
    if not is_caught_by(report, caught_by):
        # On one server, what one criterion spoils may spoil others.
        report = check(exercise, app, tests=None if others else tests, plugins=[OneFailureEach()])
    logs = (failure.log for result in report.results for failure in result.failures)
    broken = next(filter(None, map(BROKEN.search, logs)), None)
    if broken is not None:
        return f"it is broken, and fails for that reason: {broken[0]}"
    if is_caught_by(report, caught_by):
        return None
    seen = ", ".join(map(str, sorted(report.numbers(Outcome.FAILED, *UNJUDGED)))) or "nothing"
    named = ", ".join(map(str, caught_by))
    reason = report.problem or first_reason(report)
    return f"caught by {seen}, but its entry names {named} (--seed {report.seed}). {reason}"


def is_caught_by(report: Report, caught_by: Collection[int]) -> bool:
    """Return whether exactly these criteria have failed, and all others that were asked have passed."""
    asked = {result.number for result in report.results} - report.numbers(Outcome.LEFT_OUT)
    failed, passed = report.numbers(Outcome.FAILED), report.numbers(Outcome.PASSED)
    return failed == set(caught_by) and passed == asked - failed


def first_reason(report: Report) -> str:
    """Return the reason of the first criterion that could not be judged, or else did not pass, for an author."""
    errors = (result for result in report.results if result.outcome in UNJUDGED)
    first = next(errors, report.first_failure)
    return failure_text(first.failures[-1]) if first is not None and first.failures else ""


def verify_contract(exercise: Exercise) -> str | None:
    """Send the ticket's examples to the reference, in order, on one server; see that each promise is kept."""
    with launched_reference(exercise) as server:
        for example in exercise.ticket.examples:
            where = f"{example.method} {example.target}"
            try:
                response = server.client.request(
                    example.method, example.target, content=example.body.encode(), headers=example.headers
                )
                if response.status_code != example.status:
                    return f"{where} promises {example.status}; it answers {response.status_code} {response.text}"
                for name, value in example.answer_headers.items():
                    if response.headers.get(name) != value:
                        return f"{where} promises {name}: {value}; it answers {response.headers.get(name)}"
                if example.answer is not None and not keeps(example.answer, response.json()):
                    return f"{where} promises {example.answer}; it answers {response.text}"
            except (BadAnswerError, NoAnswerError) as error:
                return f"{where}: {error}"
    return None if exercise.ticket.examples else "the ticket's Contract has no example (a block marked http)"


def keeps(promised: Any, came: Any) -> bool:
    """Return whether an answer is what was promised; times and UUIDs stand for any other."""
    if isinstance(promised, dict) and isinstance(came, dict):
        return promised.keys() == came.keys() and all(keeps(promised[key], came[key]) for key in promised)
    if isinstance(promised, list) and isinstance(came, list):
        return len(promised) == len(came) and all(map(keeps, promised, came))
    if isinstance(promised, str) and isinstance(came, str):
        for pattern in (ANY_TIME, ANY_UUID):
            if pattern.fullmatch(promised):
                return pattern.fullmatch(came) is not None
    return type(promised) is type(came) and bool(promised == came)
