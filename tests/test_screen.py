"""The first screen of a report: what fits it, in which colours, and what comes first."""

import io

import pytest
from rich.console import Console

from ladder.checking.report import ExchangeRecord, Failure, Given, Outcome, Report, Result
from ladder.commands import terminal
from ladder.course.catalog import Catalog
from tests.conftest import ROOT

SKILLSYNC = Catalog(ROOT).find("s3")
BODY = '{"id":4,"title":"cedar inlet ochre 7310","tags":["a","b"],"description":"' + "x" * 10_000 + '"}'
EXCHANGE = ExchangeRecord(
    method="PATCH",
    target="/challenges/4",
    curl="curl -i -g -X PATCH http://127.0.0.1:8000/challenges/4 -H 'Content-Type: application/json' "
    """--data-raw '{"title":"cedar inlet ochre 7310","tags":["a","b"],"difficulty":"easy"}'""",
    status=200,
    answer=BODY,
    milliseconds=3.0,
)
FAILURE = Failure(
    message="assert response.json() == {**challenge, **change}",
    case="all but one of the fields at once",
    place="test_skillsync.py:321",
    expected="{}",
    actual="[]",
    exchanges=[EXCHANGE] * 8,
    endpoint="routes/challenges.py:46 change_challenge",
)
DIFFERENCE = [
    "--- got",
    "+++ expected",
    "@@ -1,40 +1,40 @@",
    *(f"{sign}  line {n}" for n in range(40) for sign in "-+"),
]


def report_on(failure, *others):
    """Make a report on all criteria of the greatest exercise: the first one has failed, the others by turns."""
    others = others or (Outcome.PASSED,)
    results = [
        Result(
            number=one.number,
            sentence=one.sentence,
            test=one.test_name,
            outcome=Outcome.FAILED if one.number == 1 else others[one.number % len(others)],
            failures=[failure] if one.number == 1 else [],
        )
        for one in SKILLSYNC.ticket.criteria
    ]
    return Report(exercise=SKILLSYNC.path, app="/apps", seed=123456, seconds=12.3, results=results)


def screen(report, *, width=80, everything=False, colours=None):
    """Return the lines of a terminal after a report was shown, as it wraps them."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, height=24, force_terminal=True, color_system=colours, highlight=False
    )
    terminal.show_report(console, report, SKILLSYNC, everything=everything)
    return [
        line[start : start + width]
        for line in file.getvalue().splitlines()
        for start in range(0, max(len(line), 1), width)
    ]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="a long answer"),
        pytest.param({"difference": DIFFERENCE}, id="a long difference"),
        pytest.param({"log": "\n".join(f"line {n}" for n in range(100))}, id="much printed"),
        pytest.param({"expected": "x" * 5000, "actual": "y" * 5000}, id="long values"),
        pytest.param(
            {
                "difference": DIFFERENCE,
                "log": "\n".join(["Traceback"] * 99),
                "given": Given(files={"a.json": "{\n" * 99}),
                "hangs": "main.py:1 here\n" * 99,
                "exchanges": [EXCHANGE.model_copy(update={"curl": "curl " + "x" * 20_000})],
            },
            id="all of it",
        ),
    ],
)
@pytest.mark.parametrize(
    "others",
    [(Outcome.PASSED,), (Outcome.FAILED,), (Outcome.PASSED, Outcome.FAILED)],
    ids=["pass", "fail", "both"],
)
@pytest.mark.parametrize("width", [80, 200])
def test_a_failure_of_forty_criteria_fits_the_screen_of_a_small_terminal(change, others, width):
    shown = screen(report_on(FAILURE.model_copy(update=change), *others), width=width)

    assert len(shown) <= 23  # the last one is for the prompt
    text = "\n".join(shown)
    for word in ("FAIL 1. ", "Test ", "Request ", "Answer ", "Your code ", "Stuck?", "--seed 123456"):
        assert word in text


@pytest.mark.parametrize("width", [1, 10, 20, 30])
@pytest.mark.parametrize("keeps", [{"log": "x" * 999}, {"log": "x\n" * 99}, {"difference": DIFFERENCE}])
def test_a_terminal_may_be_as_narrow_as_it_likes(width, keeps):
    assert screen(report_on(FAILURE.model_copy(update=keeps), Outcome.PASSED, Outcome.FAILED), width=width)


@pytest.mark.parametrize(
    ("change", "green", "red"),
    [
        pytest.param({}, "{}", "[]", id="two values"),
        pytest.param(
            {"difference": ["--- got", "+++ expected", "-  5", "+  6"]}, "+  6", "-  5", id="a difference"
        ),
    ],
)
def test_what_is_expected_is_green_and_what_the_test_got_is_red(change, green, red):
    shown = "\n".join(screen(report_on(FAILURE.model_copy(update=change)), width=200, colours="standard"))

    assert f"\x1b[32m{green}\x1b[0m" in shown
    assert f"\x1b[31m{red}\x1b[0m" in shown


def test_without_colours_words_and_signs_tell_what_is_expected():
    plain = "\n".join(screen(report_on(FAILURE)))
    difference = "\n".join(screen(report_on(FAILURE.model_copy(update={"difference": DIFFERENCE}))))

    assert "Expected  {}\nGot       []\n" in plain
    assert "Differ    - got  + expected\n          -  line 0\n          +  line 0\n" in difference


def test_a_request_of_usual_length_is_never_cut():
    long_log = FAILURE.model_copy(update={"log": "\n".join(["line"] * 99), "difference": DIFFERENCE})

    assert EXCHANGE.curl in "".join(screen(report_on(long_log)))


def test_of_what_was_printed_the_end_is_shown():
    shown = screen(report_on(FAILURE.model_copy(update={"log": "\n".join(map(str, range(100)))})))

    begin = next(number for number, line in enumerate(shown) if line.startswith("Printed    … "))
    assert shown[shown.index("", begin) - 1] == "          99"


def test_the_other_criteria_are_folded_to_a_line_for_each_outcome():
    shown = screen(report_on(FAILURE, *[Outcome.PASSED] * 3, Outcome.FAILED))

    count = len(SKILLSYNC.ticket.criteria)
    failed = [number for number in range(2, count + 1) if number % 4 == 3]
    assert f"{len(failed)} more fail: {', '.join(map(str, failed))}" in "".join(shown)
    assert f"{count - 1 - len(failed)} pass: 2, 4-6, 8-10, " in "".join(shown)


def test_what_was_asked_before_is_shown_with_its_answers():
    post = EXCHANGE.model_copy(update={"method": "POST", "target": "/users", "status": 201})
    silent = EXCHANGE.model_copy(update={"status": None})
    failure = FAILURE.model_copy(update={"exchanges": [post, post, silent, EXCHANGE]})

    shown = "\n".join(screen(report_on(failure), width=200))

    assert "Before    2 x POST /users (201), PATCH /challenges/4 (no answer)\n" in shown


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        pytest.param("/challenges/", "Answer    307, Location: /challenges/", id="with one"),
        pytest.param(None, "Answer    307, without a Location", id="without one"),
    ],
)
def test_a_redirect_is_shown_with_where_it_leads(location, shown):
    redirect = EXCHANGE.model_copy(update={"status": 307, "location": location, "answer": ""})

    assert shown in screen(report_on(FAILURE.model_copy(update={"exchanges": [redirect]})))


def test_what_is_still_to_be_written_is_to_do_and_no_failure_to_look_at_first():
    to_do = FAILURE.model_copy(update={"exchanges": [EXCHANGE.model_copy(update={"status": 501})]})
    report = report_on(to_do)
    results = [
        report.results[0].model_copy(update={"to_do": True}),
        report.results[1].model_copy(update={"outcome": Outcome.FAILED, "failures": [FAILURE]}),
        *report.results[2:],
    ]

    shown = screen(report.model_copy(update={"results": results}))

    assert shown[0].startswith("FAIL 2. ")
    assert "1 to do: 1" in shown


def test_why_an_app_does_not_start_fits_the_screen_with_the_cause_first_and_the_last_words():
    lines = [
        "main.py does not start: no module.",
        "Write `from .models import …`.",
        *map(str, range(99)),
        "Start it.",
    ]
    report = report_on(FAILURE).model_copy(update={"problem": "\n".join(lines)})

    shown = screen(report)

    assert len(shown) <= 23
    assert shown[:3] == ["Nothing could be judged.", *lines[:2]]
    assert shown[-2:] == ["98", "Start it."]
    assert screen(report, everything=True)[1:] == lines
