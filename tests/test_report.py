"""Reports: one value, and what its writers make of it."""

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from rich.console import Console

from ladder.checking import report as reports
from ladder.checking.check import check
from ladder.checking.report import ExchangeRecord, Failure, Given, Outcome, Report, Result, Verdict
from ladder.client.exchange import Exchange
from ladder.commands import terminal

PASSED, FAILED, ERROR, LEFT_OUT = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.LEFT_OUT
ODD = "a \x00\x08\x0b\x1b[31m\x1b]0;title\x07\x7f\x9b b\ufffe\uffff\r\n [bold]c[/bold] <d> & ]]> ☕ 𝄞"
"""A text with what neither XML nor a terminal should get."""


def make_report(*outcomes, problem=None, text="It differs."):
    """Make a report with one criterion for each outcome; those that did not pass have a failure with this text."""
    exchange = ExchangeRecord(
        method="GET", target="/notes", curl=f"curl -i {text}", status=200, answer=text, milliseconds=1.5
    )
    failure = Failure(
        message=text,
        case=text,
        place="test_tiny.py:5",
        expected=text,
        actual=text,
        difference=["--- got", "+++ expected", f"-{text}"],
        exchanges=[exchange],
        log=text,
    )
    results = [
        Result(
            number=number,
            sentence=f"Sentence {number}.",
            test=f"test_sentence_{number}",
            outcome=outcome,
            failures=[failure] * (outcome in {FAILED, ERROR}),
        )
        for number, outcome in enumerate(outcomes, start=1)
    ]
    return Report(
        exercise="scenarios/00_tiny", app="/apps", seed=7, seconds=1.25, problem=problem, results=results
    )


def parse_xml(text):
    """Parse what we have written ourselves."""
    return ET.fromstring(text)  # noqa: S314


def show(report, exercise, *, everything=False, **options):
    """Return what a console shows of a report."""
    file = io.StringIO()
    console = Console(file=file, **{"width": 100, "highlight": False} | options)
    terminal.show_report(console, report, exercise, everything=everything)
    return file.getvalue()


@pytest.fixture(scope="module")
def failed(tmp_path_factory, make_course):
    """Return the report of a real check that fails."""
    course = make_course(tmp_path_factory.mktemp("failed"))
    course.edit("solution/tiny/main.py", '"Hello"', '"Hi"')
    return check(course.exercise, seed=7)


@pytest.mark.parametrize(
    ("outcomes", "problem", "verdict", "status"),
    [
        pytest.param([PASSED, PASSED], None, Verdict.PASSED, 0, id="all pass"),
        pytest.param([PASSED, LEFT_OUT], None, Verdict.PASSED, 0, id="all that was asked passes"),
        pytest.param([PASSED, FAILED], None, Verdict.FAILED, 1, id="one fails"),
        pytest.param([FAILED, FAILED], None, Verdict.FAILED, 1, id="all fail"),
        pytest.param([FAILED, ERROR], None, Verdict.FAILED, 1, id="one fails, and one is an error"),
        pytest.param([FAILED, LEFT_OUT], None, Verdict.FAILED, 1, id="one fails, and one is left out"),
        pytest.param([PASSED, ERROR], None, Verdict.NOT_JUDGED, 2, id="one is an error"),
        pytest.param([ERROR, ERROR], None, Verdict.NOT_JUDGED, 2, id="all are errors"),
        pytest.param([LEFT_OUT, ERROR], None, Verdict.NOT_JUDGED, 2, id="one is left out, and one an error"),
        pytest.param([LEFT_OUT, LEFT_OUT], None, Verdict.NOT_JUDGED, 2, id="all are left out"),
        pytest.param([], None, Verdict.NOT_JUDGED, 2, id="nothing was asked"),
        pytest.param([PASSED], "It does not start.", Verdict.NOT_JUDGED, 2, id="a problem"),
        pytest.param([FAILED], "It does not start.", Verdict.NOT_JUDGED, 2, id="a problem and a failure"),
    ],
)
def test_a_verdict_and_its_exit_status_follow_from_the_outcomes(outcomes, problem, verdict, status):
    report = make_report(*outcomes, problem=problem)

    assert report.verdict is verdict
    assert report.verdict.exit_status == status


def test_the_first_failure_is_the_first_that_did_not_pass():
    report = make_report(PASSED, LEFT_OUT, ERROR, FAILED)

    assert report.first_failure is report.results[2]
    assert make_report(PASSED, LEFT_OUT).first_failure is None


def test_the_published_schema_is_the_one_that_the_program_gives():
    published = Path(reports.__file__).with_name("report.schema.json").read_text(encoding="utf-8")

    assert json.loads(published) == reports.report_schema()


def test_the_schema_is_valid_and_knows_every_key():
    schema = reports.report_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["required"]) >= {"verdict", "exercise", "app", "seed", "seconds", "results"}


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(make_report(PASSED, FAILED, ERROR, LEFT_OUT), id="every outcome"),
        pytest.param(make_report(FAILED, text=ODD), id="odd characters"),
        pytest.param(make_report(problem="It does not start."), id="a problem"),
    ],
)
def test_a_report_as_json_fits_the_schema_and_holds_everything(report):
    value = json.loads(reports.write_json(report))

    jsonschema.Draft202012Validator(reports.report_schema()).validate(value)
    assert value.pop("verdict") == report.verdict.value
    assert Report.model_validate_json(json.dumps(value)) == report


def test_a_real_report_as_json_fits_the_schema(failed):
    value = json.loads(reports.write_json(failed))

    jsonschema.Draft202012Validator(reports.report_schema()).validate(value)
    assert value["verdict"] == "failed"
    assert [result["outcome"] for result in value["results"]] == ["failed", "passed"]
    assert value["results"][0]["failures"][0]["exchanges"][0]["answer"] == '{"text":"Hi"}'


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"verdict": "excellent"}, id="an unknown verdict"),
        pytest.param({"seed": "7"}, id="a string for a number"),
        pytest.param({"colour": "blue"}, id="an unknown key"),
        pytest.param({"results": [{"number": 1}]}, id="a result without its parts"),
    ],
)
def test_the_schema_refuses_what_is_no_report(spoilt):
    value = json.loads(reports.write_json(make_report(PASSED))) | spoilt

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(reports.report_schema()).validate(value)


@pytest.mark.parametrize(
    ("outcomes", "problem", "counts"),
    [
        pytest.param(
            [PASSED, PASSED], None, {"tests": 2, "failures": 0, "errors": 0, "skipped": 0}, id="passes"
        ),
        pytest.param(
            [PASSED, FAILED, ERROR, LEFT_OUT, FAILED],
            None,
            {"tests": 5, "failures": 2, "errors": 1, "skipped": 1},
            id="every outcome",
        ),
        pytest.param(
            [ERROR, ERROR], "It dies.", {"tests": 2, "failures": 0, "errors": 2, "skipped": 0}, id="a problem"
        ),
    ],
)
def test_a_report_as_junit_xml_counts_what_it_holds(outcomes, problem, counts):
    report = make_report(*outcomes, problem=problem)

    suite = parse_xml(reports.write_junit(report)).find("testsuite")

    assert suite is not None
    found = {
        tag: sum(case.find(tag) is not None for case in suite) for tag in ("failure", "error", "skipped")
    }
    assert {name: int(suite.attrib[name]) for name in counts} == counts
    assert len(suite.findall("testcase")) == counts["tests"]
    assert found == {"failure": counts["failures"], "error": counts["errors"], "skipped": counts["skipped"]}


def test_a_real_report_as_junit_xml_names_its_criteria(failed):
    root = parse_xml(reports.write_junit(failed))

    assert [case.attrib["name"] for case in root.iter("testcase")] == [
        "1. The first greeting is hello.",
        "2. A new greeting replaces the old one.",
    ]
    assert {one.attrib["name"]: one.attrib["value"] for one in root.iter("property")} == {
        "app": failed.app,
        "seed": "7",
        "verdict": "failed",
    }
    (failure,) = root.iter("failure")
    assert "curl -i -g http://127.0.0.1:8000/greeting" in (failure.text or "")


def test_a_criterion_that_was_not_run_is_no_pass_in_the_junit_xml():
    result = Result(number=1, sentence="It greets.", test="test_it_greets", outcome=ERROR)
    report = make_report(problem="It does not start.").model_copy(update={"results": [result]})

    (case,) = parse_xml(reports.write_junit(report)).iter("testcase")

    assert case.find("error") is not None


def test_a_problem_stands_in_the_junit_xml():
    root = parse_xml(reports.write_junit(make_report(problem=f"It dies: {ODD}")))

    assert "It dies: a " in "".join(root.itertext())


def test_odd_characters_do_not_break_the_junit_xml():
    root = parse_xml(reports.write_junit(make_report(FAILED, problem=ODD, text=ODD)))

    (failure,) = root.iter("failure")
    assert "[31m" in failure.attrib["message"]
    assert "<d> & ]]> ☕ 𝄞" in (failure.text or "")


@pytest.mark.parametrize(
    "report", [make_report(FAILED, text=ODD), make_report(problem=ODD)], ids=["text", "problem"]
)
@pytest.mark.parametrize("terminal_", [True, False], ids=["terminal", "file"])
def test_what_comes_from_an_app_is_shown_as_text(course, report, terminal_):
    shown = show(report, course.exercise, force_terminal=terminal_, color_system=None)

    assert r"\x1b[31m\x1b]0;title\x07\x7f\x9b" in shown
    assert "[bold]c[/bold]" in shown
    assert set(shown) & {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160))} == set()


def test_the_first_failure_is_shown_with_its_cause_first_and_the_others_are_counted(course, failed):
    shown = show(failed, course.exercise).splitlines()

    assert shown == [
        "FAIL 1. The first greeting is hello.",
        "Differ    - got  + expected",
        "           {",
        '          -  "text": "Hi"',
        '          +  "text": "Hello"',
        "           }",
        'Test      assert response.json() == {"text": "Hello"} (test_tiny.py:5)',
        "Request   curl -i -g http://127.0.0.1:8000/greeting",
        'Answer    200 {"text":"Hi"}',
        "Your code main.py:20 read_greeting",
        "",
        "1 pass: 2",
        "Stuck?    ladder hint s0  ·  all of it: --all",
        f"1 of 2 criteria pass · {failed.seconds:.1f} s · --seed 7 replays the values",
    ]


def test_all_of_a_report_is_each_criterion_and_each_failure_as_a_whole(course):
    report = make_report(FAILED, PASSED, ERROR, text="\n".join(map(str, range(100))))

    shown = show(report, course.exercise, everything=True).splitlines()

    assert [line.split()[:2] for line in shown[:3]] == [["FAIL", "1"], ["pass", "2"], ["ERROR", "3"]]
    assert [line for line in shown if line.startswith(("FAIL ", "ERROR "))][2:] == [
        "FAIL 1. Sentence 1. [0",
        "ERROR 3. Sentence 3. [0",
    ]
    assert (
        shown.count("          98") == 2 * 4
    )  # of the message, the request, the answer, and what was printed


def test_a_line_that_can_be_pasted_is_never_broken(course):
    shown = show(make_report(FAILED, text="x" * 500), course.exercise)

    assert f"curl -i {'x' * 500}\n" in shown


def test_a_problem_is_shown_alone(course):
    shown = show(make_report(ERROR, ERROR, problem="It does not start."), course.exercise)

    assert shown == "Nothing could be judged.\nIt does not start.\n"


def test_what_was_left_out_is_told(course):
    shown = show(make_report(PASSED, LEFT_OUT), course.exercise)

    assert shown.splitlines()[:2] == ["1 pass: 1", "1 left out: 2"]
    assert "1 of 1 criteria pass" in shown
    assert "1 left out: they need a server of their own, which --url cannot give." in shown


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(rb'{"text": "\ud800"}', b'{"text": "\xff"}', id="no Unicode"),
        pytest.param(b'{"text": 1e400}', b'{"text": "' + b"x" * 100_000 + b'"}', id="too much"),
    ],
)
def test_every_writer_copes_with_whatever_an_app_answers(course, first, second):
    course.edit("solution/tiny/main.py", "import FastAPI", "import FastAPI, Response")
    course.edit("solution/tiny/main.py", "def read_greeting() -> Greeting:", "def read_greeting():")
    course.edit("solution/tiny/main.py", "    return said[-1]", f"    return Response({first!r})")
    course.edit("solution/tiny/main.py", "(new: Greeting) -> Greeting:", "(new: Greeting):")
    course.edit("solution/tiny/main.py", "    return new", f"    return Response({second!r})")

    report = check(course.exercise)

    assert [result.outcome for result in report.results] == [FAILED, FAILED]
    assert json.loads(reports.write_json(report).encode())["verdict"] == "failed"
    assert parse_xml(reports.write_junit(report).encode()).tag == "testsuites"
    assert show(report, course.exercise).encode()


def test_a_report_is_written_with_the_folders_on_its_way(tmp_path):
    reports.write_file(tmp_path / "a/b/report.json", "☕")

    assert (tmp_path / "a/b/report.json").read_bytes() == "☕".encode()


def test_the_request_with_a_huge_body_is_cut_and_says_so():
    exchange = Exchange("POST", "/", body=b"a" * 10**6)

    record = ExchangeRecord.of(exchange, "http://127.0.0.1:8000")

    assert len(record.curl) < 25_000
    assert record.curl.endswith("characters more)")


def test_what_is_to_do_is_a_failure_of_that_type_in_the_junit_xml():
    report = make_report(FAILED, FAILED)
    results = [report.results[0].model_copy(update={"to_do": True}), report.results[1]]

    root = parse_xml(reports.write_junit(report.model_copy(update={"results": results})))

    assert [failure.get("type") for failure in root.iter("failure")] == ["to do", None]


def test_a_failure_as_text_begins_with_the_cause_and_holds_all_that_is_known():
    exchange = ExchangeRecord(
        method="GET", target="/a", curl="curl /a", status=307, location="/b", answer="", milliseconds=1.0
    )
    failure = Failure(
        message="assert 1 == 2",
        expected="2",
        actual="1",
        exchanges=[exchange],
        together={"307": 2},
        endpoint="main.py:1 read",
        given=Given(settings={"A": "1"}, files={"f": "x"}),
        hangs="main.py:2 wait",
        log="Hello",
    )

    assert reports.failure_text(failure).splitlines() == [
        "assert 1 == 2",
        "expected: 2",
        "got: 1",
        "request: curl /a",
        "answer: 307, Location: /b",
        "answers: 2 x 307 (to 2 such requests)",
        "your code: main.py:1 read",
        "app given: A=1",
        "f: x",
        "hangs in: main.py:2 wait",
        "the app printed:",
        "Hello",
    ]


def test_no_line_of_the_junit_xml_is_a_command_to_a_ci():
    text = "::error::Look here\n  ::set-output::x\n##[error]And here\nstd::string"

    root = parse_xml(reports.write_junit(make_report(FAILED, problem=text, text=text)))

    assert root.findtext(".//system-err") == text.replace("::e", r"\::e").replace("::s", r"\::s").replace(
        "##", r"\##"
    ).replace(r"std\::", "std::")
