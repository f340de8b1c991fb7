"""The gradebook: what tables, machines and GitHub read about a class."""

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from markdown_it import MarkdownIt

from ladder.base.text import one_line, visible
from ladder.checking.report import Outcome
from ladder.grading import gradebook
from ladder.grading.results import Status
from tests.classroom import (
    HOSTILE,
    Page,
    make_criterion,
    make_failure,
    make_feedback,
    make_grades,
    make_hints,
    make_learner,
)

PASSED, FAILED, NOT_RUN, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_RUN, Outcome.ERROR
MIXED = make_grades(
    make_learner("ada", PASSED, PASSED, late_days=2, late_percent=25),
    make_learner("bob", PASSED, FAILED),
    make_learner("cem", NOT_RUN, NOT_RUN, status=Status.REFUSED, reason="It is empty."),
    make_learner("dot", NOT_RUN, NOT_RUN, status=Status.ERROR, reason="The disk is full."),
)
"""A class with every status."""
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def make_hostile_grades(text):
    """Make grades that hold a text wherever a learner can put one."""
    criteria = [make_criterion(1, FAILED, reasons=[text], flaky=True), make_criterion(2)]
    learner = make_learner(text, submission=text, reason=text, criteria=criteria)
    refused = learner.model_copy(update={"status": Status.REFUSED})
    error = learner.model_copy(update={"status": Status.ERROR})
    return make_grades(learner, refused, error, notes=[text])


def read_csv(text):
    """Read CSV as RFC 4180 has it."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def parse_xml(text):
    """Parse what we have written ourselves."""
    return ET.fromstring(text.encode())  # noqa: S314


def read_markdown(text):
    """Read Markdown, and give the page that it makes."""
    return Page(MarkdownIt("commonmark").enable("table").render(text))


def read_rows(page):
    """Return the rows of the tables of a summary, cell by cell."""
    return [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]


# CSV


def test_the_csv_has_a_row_for_each_learner_and_a_column_for_each_criterion():
    text = gradebook.write_csv(MIXED)

    assert text == (
        "learner,submission,status,1,2,earned,possible,late_days,late_cost,total,reason\r\n"
        "ada,ada.zip,graded,1,1,2,2,2,0.5,1.5,\r\n"
        "bob,bob.zip,graded,1,0,1,2,0,0,1,\r\n"
        "cem,cem.zip,refused,0,0,0,2,0,0,0,It is empty.\r\n"
        "dot,dot.zip,error,0,0,0,2,0,0,,The disk is full.\r\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\tx",
        "\rx",
        " =1",
        "\u00a0=1",
        "\n-1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("column", ["learner", "submission"])
def test_no_cell_of_the_csv_is_a_formula(column, text):
    grades = make_grades(make_learner("ada", PASSED).model_copy(update={column: text}))

    header, row = read_csv(gradebook.write_csv(grades))

    assert dict(zip(header, row, strict=True))[column] == "'" + one_line(text)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [("=1+1", "'=1+1"), ("It does not start.\nBefore that:\na long log", "It does not start.")],
)
def test_tables_show_the_first_line_of_a_reason_and_no_formula(reason, shown):
    grades = make_grades(make_learner("ada", NOT_RUN, status=Status.REFUSED, reason=reason))

    (row,) = read_csv(gradebook.write_csv(grades))[1:]

    assert row[-1] == shown
    assert "long log" not in gradebook.write_summary(grades)


def test_no_cell_of_the_csv_is_a_formula_where_semicolons_part_cells():
    grades = make_grades(make_learner("ada;=1+1; @x;b", PASSED))

    (row,) = read_csv(gradebook.write_csv(grades))[1:]

    assert row[0] == "ada;'=1+1;' @x;b"


@pytest.mark.parametrize("text", ["ada", "a=b", "o'neil", "chloé", "שלום", 'say "hi", please', "1-2"])
def test_an_ordinary_name_stands_in_the_csv_as_it_is(text):
    grades = make_grades(make_learner(text, PASSED))

    (row,) = read_csv(gradebook.write_csv(grades))[1:]

    assert row[0] == text


@hostile
def test_whatever_a_text_holds_the_csv_keeps_its_form(text):
    written = gradebook.write_csv(make_hostile_grades(text))

    rows = read_csv(written.encode().decode())

    assert [len(row) for row in rows] == [len(rows[0])] * 4
    assert written.count("\n") == written.count("\r\n") == 4
    assert written.replace("\r\n", "") == visible(written.replace("\r\n", ""))
    assert max(len(cell) for row in rows for cell in row) < 32_767


# JSON


def test_the_published_schema_is_the_one_that_the_program_gives():
    published = Path(gradebook.__file__).with_name("grades.schema.json").read_text(encoding="utf-8")

    assert json.loads(published) == gradebook.results_schema()


def test_the_schema_is_valid():
    jsonschema.Draft202012Validator.check_schema(gradebook.results_schema())


def test_the_results_hold_totals_and_pass_rates():
    value = json.loads(gradebook.write_results(MIXED))

    jsonschema.Draft202012Validator(gradebook.results_schema()).validate(value)
    assert value["pass_rates"] == {"1": 2 / 3, "2": 1 / 3}
    names = ("learner", "earned", "possible", "late_cost", "total")
    assert [[learner[name] for name in names] for learner in value["learners"]] == [
        ["ada", 2, 2, 0.5, 1.5],
        ["bob", 1, 2, 0, 1],
        ["cem", 0, 2, 0, 0],
        ["dot", 0, 2, 0, None],
    ]


def test_the_results_hold_everything_that_the_grades_hold():
    value = json.loads(gradebook.write_results(MIXED))

    del value["pass_rates"]
    learners = [
        {name: learner[name] for name in learner.keys() - {"earned", "possible", "late_cost", "total"}}
        for learner in value["learners"]
    ]
    assert type(MIXED).model_validate_json(json.dumps(value | {"learners": learners})) == MIXED


@hostile
def test_whatever_a_text_holds_the_results_are_json_of_its_schema(text):
    written = gradebook.write_results(make_hostile_grades(text)).encode()

    value = json.loads(written)

    jsonschema.Draft202012Validator(gradebook.results_schema()).validate(value)
    assert value["learners"][0]["learner"] == text.encode(errors="backslashreplace").decode()
    assert re.search(rb"(?<!\\)\\u[dD][89a-fA-F]", written) is None


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"pass_rates": {"1": 1.5}}, id="a rate above one"),
        pytest.param({"pass_rates": {"one": 0.5}}, id="a criterion without a number"),
        pytest.param({"learners": [{"learner": "ada"}]}, id="a learner without a grade"),
        pytest.param(
            {"learners": [make_learner("ada", PASSED).model_dump(mode="json")]}, id="a learner without totals"
        ),
        pytest.param({"colour": "blue"}, id="an unknown key"),
    ],
)
def test_the_schema_refuses_what_are_no_results(spoilt):
    value = json.loads(gradebook.write_results(MIXED)) | spoilt

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(gradebook.results_schema()).validate(value)


# JUnit XML


@pytest.mark.parametrize(
    ("outcome", "elements"),
    [
        (PASSED, []),
        (FAILED, ["failure"]),
        (Outcome.TIMED_OUT, ["error"]),
        (Outcome.SKIPPED, ["error"]),
        (NOT_RUN, ["error"]),
        (ERROR, ["error"]),
        (Outcome.LEFT_OUT, ["error"]),
    ],
    ids=str,
)
def test_in_the_junit_xml_only_what_passed_is_no_failure_or_error(outcome, elements):
    root = parse_xml(gradebook.write_junit(make_grades(make_learner("ada", outcome))))

    (suite,) = root
    (case,) = suite.iter("testcase")
    assert case.attrib == {"classname": "ada", "name": "1. Sentence 1."}
    assert [element.tag for element in case] == elements
    counts = {name: str(elements.count(name.rstrip("s"))) for name in ("failures", "errors")}
    counts |= {"tests": "1", "skipped": "0"}
    assert root.attrib == {"name": "scenarios/00_tiny"} | counts
    assert suite.attrib == {"name": "ada"} | counts


@pytest.mark.parametrize(
    ("status", "element"), [(Status.REFUSED, "failure"), (Status.ERROR, "error")], ids=["refused", "error"]
)
def test_in_the_junit_xml_nothing_passes_without_a_grade(status, element):
    learner = make_learner("ada", PASSED, FAILED, NOT_RUN, status=status, reason="It is empty.")

    (suite,) = parse_xml(gradebook.write_junit(make_grades(learner)))

    assert [[(part.tag, part.text) for part in case] for case in suite.iter("testcase")] == [
        [(element, "It is empty.")]
    ] * 3


def test_the_junit_xml_tells_the_reasons_and_what_is_flaky():
    criterion = make_criterion(1, FAILED, reasons=["[a] It differs.", "[b] It is late."], flaky=True)

    (suite,) = parse_xml(gradebook.write_junit(make_grades(make_learner(criteria=[criterion]))))

    (failure,) = suite.iter("failure")
    assert failure.attrib["message"] == "[a] It differs."
    assert failure.text == f"[a] It differs.\n[b] It is late.\n{gradebook.FLAKY}"


@hostile
def test_whatever_a_text_holds_the_junit_xml_keeps_its_form(text):
    root = parse_xml(gradebook.write_junit(make_hostile_grades(text)))

    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "properties", "property", "testcase", "failure", "error")
    }
    assert [[suite.attrib[name] for name in ("tests", "failures", "errors")] for suite in root] == [
        ["2", "1", "0"],
        ["2", "2", "0"],
        ["2", "0", "2"],
    ]


# Gradescope


def test_gradescope_is_told_scores_and_what_passed():
    learner = make_learner("ada", PASSED, FAILED, late_days=1, late_percent=10)

    value = json.loads(gradebook.write_gradescope(learner, make_feedback(), make_hints(0)))

    common = {"max_score": 1, "output_format": "text", "visibility": "visible"}
    passed = {"name": "Sentence 1.", "number": "1", "score": 1, "status": "passed", "output": ""}
    failed = {
        "name": "Sentence 2.",
        "number": "2",
        "score": 0,
        "status": "failed",
        "output": "Its test failed.",
    }
    assert value == {
        "score": 0.9,
        "output": "Handed in 1 day late, which costs 10 % of the earned points: 0.1.",
        "output_format": "text",
        "tests": [passed | common, failed | common],
    }


@pytest.mark.parametrize("status", [Status.REFUSED, Status.GRADED])
def test_gradescope_is_told_once_why_nothing_was_run_and_gives_no_hints_then(status):
    criteria = [make_criterion(1, NOT_RUN, reasons=["It is empty."]), make_criterion(2, NOT_RUN)]
    learner = make_learner(criteria=criteria, status=status, reason="It is empty.")

    value = json.loads(gradebook.write_gradescope(learner, make_feedback(), make_hints(2)))

    assert value["output"] == "It is empty."
    told = [(test["status"], test["output"]) for test in value["tests"]]
    assert told == [("failed", "Its test was not run.")] * 2


def test_gradescope_is_told_that_an_app_starts_only_sometimes():
    criterion = make_criterion(1, NOT_RUN, reasons=["It does not start."], flaky=True)
    learner = make_learner(criteria=[criterion], reason="It does not start.")

    value = json.loads(gradebook.write_gradescope(learner, make_feedback(), make_hints(0)))

    assert value["tests"][0]["output"] == f"{gradebook.FLAKY}\n\nIt does not start."


def test_gradescope_gets_no_score_where_the_grader_is_at_fault():
    learner = make_learner("ada", PASSED, status=Status.ERROR, reason="The disk is full.")

    value = json.loads(gradebook.write_gradescope(learner, make_feedback(), make_hints(0)))

    assert value == {
        "output": "There is no grade: the grader failed.\nThe disk is full.",
        "output_format": "text",
    }


@pytest.mark.parametrize(
    ("fields", "comparison"),
    [
        pytest.param({}, "Expected: expected\nGot: got\n", id="two values"),
        pytest.param(
            {"difference": ["--- got", "+++ expected", "-1", "+2"]},
            "Difference (- got, + expected):\n--- got\n+++ expected\n-1\n+2\n",
            id="a difference",
        ),
    ],
)
def test_gradescope_is_told_all_about_a_failure(fields, comparison):
    failure = make_failure(
        "x",
        **{"message": "msg", "case": "row 1", "expected": "expected", "actual": "got", "log": "Oops"}
        | fields,
    )
    feedback = make_feedback([(FAILED, [failure])])

    value = json.loads(gradebook.write_gradescope(make_learner("ada", FAILED), feedback, make_hints()))

    assert value["tests"][0]["output"] == (
        f"Case: row 1\nmsg\n{comparison}Request: curl x\nAnswer: 200 x\nThe app printed:\nOops\n\n"
        "Hint 1: Nudge: see `nudge`.\n\nHint 2: Concept: see `concept`.\n\nHint 3: Name: see `name`."
    )


def test_gradescope_is_shown_the_run_that_decided():
    runs = [(FAILED, [make_failure("first")])], [(ERROR, [make_failure("second")])], [(PASSED, [])]
    learner = make_learner(criteria=[make_criterion(1, ERROR, flaky=True)])

    value = json.loads(gradebook.write_gradescope(learner, make_feedback(*runs), make_hints(0)))

    (test,) = value["tests"]
    assert test["output"].startswith(f"{gradebook.FLAKY}\n\nCase: second\n")
    assert "first" not in test["output"]


def test_gradescope_is_shown_some_cases_and_some_requests_and_told_how_many_there_are():
    failures = [make_failure(f"case {number}", exchanges=8) for number in range(1, 8)]
    feedback = make_feedback([(FAILED, failures)])

    value = json.loads(gradebook.write_gradescope(make_learner("ada", FAILED), feedback, make_hints(0)))

    output = value["tests"][0]["output"]
    assert [f"Case: case {number}\n" in output for number in range(1, 8)] == [True] * 5 + [False] * 2
    assert output.endswith("\n\n… and 2 cases more")
    assert output.count("The last 5 of 8 requests:\n") == 5
    assert output.count("Request: ") == 25


def test_gradescope_gets_long_texts_cut_to_their_limit():
    feedback = make_feedback([(FAILED, [make_failure("m", log="x" * 4321)])])

    value = json.loads(gradebook.write_gradescope(make_learner("ada", FAILED), feedback, make_hints(0)))

    assert value["tests"][0]["output"].endswith(f"The app printed:\n{'x' * 4000}… (321 characters more)")


def test_gradescope_never_gets_more_than_it_takes():
    failure = make_failure('"\\' * 10_000, exchanges=10)
    learner = make_learner("ada", *[FAILED] * 41, reason="\x00" * 10**6)
    feedback = make_feedback([(FAILED, [failure] * 10)] * 41)

    written = gradebook.write_gradescope(learner, feedback, make_hints(41))

    assert 100 * 2**10 < len(written.encode()) <= 500 * 2**10
    assert all("characters more)" in test["output"] for test in json.loads(written)["tests"])


@hostile
def test_whatever_a_text_holds_gradescope_is_given_plain_text(text):
    (learner, *_) = make_hostile_grades(text).learners
    feedback = make_feedback([(FAILED, [make_failure(text)]), (PASSED, [])])

    written = gradebook.write_gradescope(learner, feedback, make_hints()).encode()

    value = json.loads(written)
    outputs = [value, *value["tests"]]
    assert {part["output_format"] for part in outputs} == {"text"}
    assert [part["output"] for part in outputs] == [visible(part["output"]) for part in outputs]
    assert visible(text[:1000]) in value["tests"][0]["output"]
    assert len(written) <= 500 * 2**10


# GitHub's step summary


def test_the_summary_is_a_table_of_criteria_and_one_of_learners():
    written = gradebook.write_summary(MIXED.model_copy(update={"notes": ["bob handed in twice."]}))

    page = read_markdown(written)

    assert "scenarios/00_tiny, seed 7: 2 graded, 1 refused, 1 error" in page.text
    assert [row for row in read_rows(written) if row] == [
        ["1", "Sentence 1.", "67%"],
        ["2", "Sentence 2.", "33%"],
        ["<code>ada</code>", "graded", "1.5", "2", "2", ""],
        ["<code>bob</code>", "graded", "1", "2", "0", ""],
        ["<code>cem</code>", "refused", "0", "2", "0", "<code>It is empty.</code>"],
        ["<code>dot</code>", "error", "none", "2", "0", "<code>The disk is full.</code>"],
    ]
    assert "bob handed in twice." in page.text


@pytest.mark.parametrize(("isolation", "warned"), [("process", True), ("sandbox", False)])
def test_the_summary_tells_that_there_was_no_protection(isolation, warned):
    written = gradebook.write_summary(make_grades(make_learner("ada", PASSED), isolation=isolation))

    assert ("Without protection" in written) is warned


def test_the_summary_has_no_pass_rate_where_nobody_has_a_grade():
    written = gradebook.write_summary(make_grades(make_learner("ada", NOT_RUN, status=Status.ERROR)))

    assert ["1", "Sentence 1.", "no grade yet"] in read_rows(written)


@hostile
def test_whatever_a_text_holds_the_summary_shows_it_as_text(text):
    written = gradebook.write_summary(make_hostile_grades(text))

    page = read_markdown(written.encode().decode())

    assert page.tags == {"h2", "h3", "p", "table", "tr", "th", "td", "code", "ul", "li"}
    assert [attributes for _, attributes in page.found if attributes] == []
    has_lines = "\n" in text  # of a reason, only the first is shown
    assert page.text.count(one_line(text[:200])) == (4 if has_lines else 7)
    assert re.search(r"@|##\[|^\s*::|<!--|\]\(", written, re.MULTILINE) is None


def test_the_summary_shows_five_hundred_learners_and_tells_how_many_there_are():
    learner = make_learner("ada", PASSED)

    written = gradebook.write_summary(make_grades(*[learner] * 512))

    assert written.count("<code>ada</code>") == 500
    assert "And 12 learners more, who are in the other reports." in written


def test_the_summary_is_never_more_than_github_takes():
    learner = make_learner("@" * 10_000, PASSED, reason="\u202e" * 10_000)
    grades = make_grades(*[learner] * 600, notes=["|" * 10**6] * 60)

    written = gradebook.write_summary(grades)

    assert 200 * 2**10 < len(written.encode()) <= 2**20
    assert "learners more" in written
    assert written.count("<li>") == 50
    assert "And 10 notes more." in written


@pytest.mark.parametrize(
    ("days", "percent", "sentence"),
    [
        (0, 0, None),
        (1, 0, "Handed in 1 day late, which costs nothing."),
        (3, 12.5, "Handed in 3 days late, which costs 12.5 % of the earned points: 0.25."),
    ],
    ids=["in time", "within what costs nothing", "late"],
)
def test_being_late_is_told_in_words(days, percent, sentence):
    learner = make_learner("ada", PASSED, PASSED, late_days=days, late_percent=percent)

    assert gradebook.late_sentence(learner) == sentence


def test_gradescope_is_told_what_is_to_do_and_what_else_is_known():
    (exchange,) = make_failure().exchanges
    failure = make_failure(log="", endpoint="main.py:38 create_note", hangs="main.py:40 wait").model_copy(
        update={"exchanges": [exchange.model_copy(update={"status": 501})]}
    )
    feedback = make_feedback([(FAILED, [failure])])

    value = json.loads(gradebook.write_gradescope(make_learner("ada", FAILED), feedback, make_hints(0)))

    output = value["tests"][0]["output"]
    assert output.startswith("To do: the app answers 501")
    assert output.endswith("Your code: main.py:38 create_note\nHangs in: main.py:40 wait")
    assert value["tests"][0]["status"] == "failed"
