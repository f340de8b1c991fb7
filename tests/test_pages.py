"""The pages: what an instructor and a learner see in a browser."""

import base64
import hashlib
import itertools
import re
from datetime import UTC, datetime

import pytest

from ladder.base.text import visible
from ladder.checking.report import Given, Outcome
from ladder.grading import pages
from ladder.grading.gradebook import FLAKY
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
CSP = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
SAFE_NAME = re.compile(r"(?!(con|prn|aux|nul|com\d|lpt\d)(\.|$))[a-z0-9_]([a-z0-9._-]{0,78}[a-z0-9_-])?")
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def read_overview(*learners, **fields):
    """Return the page about a class."""
    return Page(pages.write_overview(make_grades(*learners, **fields)))


def read_learner(learner, *runs, hints=0, **fields):
    """Return the page for a learner, with the reports of some runs."""
    grades = make_grades(learner, **fields)
    return Page(pages.write_learner_page(grades, learner, make_feedback(*runs), make_hints(hints)))


def words(page):
    """Return what a page says, whatever the white space in it."""
    return " ".join(page.text.split())


# Every page


@pytest.fixture(params=["overview", "learner"])
def page(request):
    """Return each kind of page, with something of everything in it."""
    criteria = [make_criterion(1, FAILED, flaky=True), make_criterion(2)]
    learner = make_learner("ada", criteria=criteria, late_days=1, late_percent=5, reason="It is slow.")
    read = {
        "overview": lambda: read_overview(learner, make_learner("bob", PASSED, PASSED), isolation="process"),
        "learner": lambda: read_learner(learner, [(FAILED, [make_failure(exchanges=3)])], hints=1),
    }
    return read[request.param]()


def test_a_page_forbids_everything_but_its_own_style(page):
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()

    (policy,) = [found["content"] for tag, found in page.found if tag == "meta" and "http-equiv" in found]
    assert policy == CSP.format(digest)
    assert page.tags.isdisjoint({"script", "link", "iframe", "img", "object", "embed", "form", "base"})
    assert page.attributes("style") == page.attributes("src") == []
    assert re.search(r"url\(|@import|expression", page.style) is None


def test_a_page_tells_its_characters_and_its_language(page):
    assert [attributes for _, attributes in page.found][:3] == [{"lang": "en"}, {}, {"charset": "utf-8"}]
    assert page.attributes("name", "meta") == ["viewport"]


def test_a_page_can_be_read_aloud(page):
    headings = [int(tag[1]) for tag, _ in page.found if re.fullmatch(r"h\d", tag)]

    assert set(page.attributes("scope", "th")) == {"col", "row"}
    assert len(page.attributes("scope", "th")) == sum(tag == "th" for tag, _ in page.found)
    assert headings[0] == 1
    assert max(after - before for before, after in itertools.pairwise(headings)) <= 1
    pictures = [attributes for tag, attributes in page.found if tag == "svg"]
    assert all("aria-hidden" in picture or picture.get("role") == "img" for picture in pictures)


@pytest.mark.parametrize("kind", ["overview", "learner"])
def test_a_sentence_shows_its_code_as_code_and_nothing_else_as_markup(kind):
    criterion = make_criterion(1, sentence="A `<b>` & a <b> are shown.")
    learner = make_learner(criteria=[criterion])
    page = {"overview": read_overview, "learner": read_learner}[kind](learner)

    assert "A <b> & a <b> are shown." in words(page)
    assert sum(tag == "code" for tag, _ in page.found) == 2
    assert "b" not in page.tags


# The overview


def test_the_overview_says_what_was_graded_and_how_it_ended():
    page = read_overview(
        make_learner("ada", PASSED),
        make_learner("bob", FAILED),
        make_learner("cem", NOT_RUN, status=Status.REFUSED),
        make_learner("dot", NOT_RUN, status=Status.ERROR),
        notes=["bob handed in twice."],
        repeat=3,
    )

    assert words(page).startswith(
        "Tiny · grades Tiny scenarios/00_tiny · seed 7 · each submission judged 3 times"
    )
    assert "Submissions 4 Graded 2 Refused 1 Errors of the grader 1" in words(page)
    assert "1 of the submissions has no grade" in words(page)
    assert "bob handed in twice." in words(page)


@pytest.mark.parametrize(("isolation", "warned"), [("process", True), ("sandbox", False)])
def test_the_overview_tells_that_there_was_no_protection(isolation, warned):
    page = read_overview(make_learner("ada", PASSED), isolation=isolation)

    assert ("Graded without protection" in words(page)) is warned


def test_the_overview_draws_the_pass_rates_and_marks_what_to_teach_again():
    page = read_overview(
        make_learner("ada", PASSED, PASSED, FAILED),
        make_learner("bob", PASSED, FAILED, NOT_RUN),
        make_learner("cem", NOT_RUN, NOT_RUN, NOT_RUN, status=Status.ERROR),
    )

    bars = [attributes["width"] for tag, attributes in page.found if attributes.get("class") == "fill"]
    assert bars[:3] == ["100.0", "50.0", "0.0"]
    assert "of the 2 who were graded or refused" in words(page)
    assert "1 Sentence 1. 100 % 2 Sentence 2. 50 % 3 Sentence 3. 0 % teach again?" in words(page)


def test_the_overview_shows_the_criteria_where_nobody_has_a_grade():
    page = read_overview(make_learner("ada", NOT_RUN, status=Status.ERROR))

    assert "1 Sentence 1. \u2013 no grade yet" in words(page)
    assert "How the totals are spread" not in words(page)


def test_the_overview_has_a_row_for_each_learner():
    criteria = [
        make_criterion(1),
        make_criterion(2, FAILED, flaky=True),
        make_criterion(3, FAILED, flaky=True),
    ]
    page = read_overview(
        make_learner("ada", criteria=criteria, late_days=2, late_percent=25, reason="It is slow."),
        make_learner("bob", NOT_RUN, NOT_RUN, NOT_RUN, status=Status.REFUSED, reason="It is empty."),
        make_learner("cem", PASSED, NOT_RUN, NOT_RUN, status=Status.ERROR, reason="The disk is full."),
        make_learner("dot/1", PASSED, PASSED, PASSED),
    )

    assert words(page).endswith(
        "Learner Status Passed Total Late Remark "
        "ada graded 1 of 3 0.75 of 3 2 days, −0.25 flaky: 2, 3; It is slow. "  # noqa: RUF001
        "bob refused 0 of 3 0 of 3 It is empty. "
        "cem error – no grade The disk is full. "  # noqa: RUF001
        "dot/1 graded 3 of 3 3 of 3"
    )
    assert page.attributes("href") == [
        f"learners/{name}/index.html" for name in ("ada", "bob", "cem", pages.slug("dot/1", set()))
    ]


@pytest.mark.parametrize(
    ("totals", "counts"),
    [
        pytest.param([0, 1, 5, 9, 10], [1, 1, 0, 0, 0, 1, 0, 0, 0, 2], id="both ends count"),
        pytest.param([0, 0, 0], [3, *[0] * 9], id="nobody has a point"),
        pytest.param([], [0] * 10, id="nobody is there"),
    ],
)
def test_the_histogram_counts_learners_by_their_share_of_the_points(totals, counts):
    learners = [make_learner("ada", *[PASSED] * total, *[FAILED] * (10 - total)) for total in totals]
    worthless = make_learner("bob", criteria=[make_criterion(1, possible=0, points=0)])
    error = make_learner("cem", *[NOT_RUN] * 10, status=Status.ERROR)

    assert pages.histogram([*learners, worthless, error]) == counts


@hostile
def test_whatever_a_text_holds_the_overview_shows_it_as_text(text):
    learner = make_learner(text, FAILED, submission=text, reason=text)
    grades = make_grades(learner, notes=[text])
    ordinary = read_overview(make_learner("ada", FAILED, reason="It is slow."), notes=["A note."])

    written = pages.write_overview(grades)

    page = Page(written.encode().decode())
    assert page.found == [(tag, found | ordinary_link(found, learner)) for tag, found in ordinary.found]
    has_lines = "\n" in text  # of a reason, only the first is shown
    assert page.text.count(visible(text[:100])) == (2 if has_lines else 3)


def test_the_overview_shows_the_first_line_of_a_reason():
    page = read_overview(make_learner("ada", NOT_RUN, reason="It does not start.\nBefore that:\na long log"))

    assert "It does not start." in page.text
    assert "Before that" not in page.text


def ordinary_link(attributes, learner):
    """Return the one attribute that differs with a learner's id, where it is there."""
    return (
        {"href": f"learners/{pages.slug(learner.learner, set())}/index.html"} if "href" in attributes else {}
    )


def test_the_overview_is_never_greater_than_two_mebibytes():
    names = [f"{number}{'&' * 10**4}" for number in range(3000)]
    learners = [make_learner(name, PASSED, reason='"' * 10**4) for name in names]
    grades = make_grades(*learners, notes=["&" * 10**5] * 60)

    written = pages.write_overview(grades)

    assert 2**19 < len(written.encode()) <= 2**21
    assert "And 10 notes more" in written
    shown = written.count("/index.html")
    assert f"And {3000 - shown} learners more" in written


# The page for a learner


def test_a_learner_is_told_total_lateness_and_each_outcome():
    criteria = [
        make_criterion(1, points=2, possible=2),
        make_criterion(2, FAILED, flaky=True),
        make_criterion(3, Outcome.TIMED_OUT),
    ]
    moment = datetime(2025, 3, 2, 10, 30, tzinfo=UTC)

    page = read_learner(
        make_learner(
            "ada", criteria=criteria, late_days=2, late_percent=25, submitted=moment, reason="It is slow."
        )
    )

    assert "About this submission It is slow." in words(page)
    assert "Total 1.5 of 4 points Earned 2 points Passed 1 of 3 criteria" in words(page)
    assert "Handed in 2 days late, which costs 25 % of the earned points: 0.5." in words(page)
    assert "Submission: ada.zip, handed in 2025-03-02 10:30 UTC" in words(page)
    assert (
        "1 Sentence 1. passed 2 of 2 2 Sentence 2. failed, flaky 0 of 1 3 Sentence 3. timed out 0 of 1"
    ) in words(page)
    assert page.attributes("href") == ["#criterion-2", "#criterion-3"]
    assert page.attributes("id") == ["criterion-2", "criterion-3"]
    assert f"2. Sentence 2. failed {FLAKY}" in words(page)


def test_a_learner_is_told_the_command_that_replays_the_values():
    page = read_learner(make_learner("ada", PASSED))

    assert "ladder check scenarios/00_tiny --seed 7" in page.text


def test_a_learner_is_told_all_about_a_failure_and_gets_hints_one_by_one():
    failure = make_failure(
        message="msg",
        case="row 1",
        expected="one",
        actual="two",
        log="Oops",
        exchanges=1,
        place="test_tiny.py:5",
    )

    page = read_learner(make_learner("ada", FAILED), [(FAILED, [failure])], hints=1)

    assert words(page).endswith(
        "What did not pass 1. Sentence 1. failed Case: row 1 Test (test_tiny.py:5) msg Expected one Got two "
        "Request curl It differs. Answer: 200 It differs. The app printed Oops "
        "Hint 1 Nudge: see nudge. Hint 2 Concept: see concept. Hint 3 Name: see name."
    )
    assert sum(tag == "details" for tag, _ in page.found) == 3
    assert page.attributes("open") == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param(
            {"difference": ["--- got", "-1", "+2"]},
            "Difference (- got, + expected) --- got -1 +2 Request",
            id="a difference",
        ),
        pytest.param({"expected": None, "actual": None}, "It differs. Request", id="no comparison"),
        pytest.param(
            {"expected": "", "actual": None}, "It differs. Expected Got Request", id="nothing was got"
        ),
    ],
)
def test_a_learner_sees_what_was_expected_as_far_as_it_is_known(fields, told):
    page = read_learner(make_learner("ada", FAILED), [(FAILED, [make_failure(**fields)])])

    assert told in words(page)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"status": None, "answer": ""}, "Answer: none"),
        ({"status": 204, "answer": ""}, "Answer: 204, without a body"),
        ({"status": 200, "answer": "[]"}, "Answer: 200 []"),
    ],
    ids=["none", "no body", "a body"],
)
def test_a_learner_sees_what_was_answered(answer, told):
    (exchange,) = make_failure(log="").exchanges
    failure = make_failure(log="", exchanges=0)
    failure = failure.model_copy(update={"exchanges": [exchange.model_copy(update=answer)]})

    page = read_learner(make_learner("ada", FAILED), [(FAILED, [failure])])

    assert words(page).endswith(told)


def test_a_learner_sees_where_a_redirect_leads_and_what_else_is_known():
    (exchange,) = make_failure(log="").exchanges
    redirect = exchange.model_copy(update={"status": 307, "location": "/notes/", "answer": ""})
    given = Given(settings={"COLOUR": "blue"}, files={"a.json": "{}"})
    failure = make_failure(
        log="",
        exchanges=0,
        endpoint="main.py:38 create_note",
        given=given,
        hangs="main.py:40 wait",
        together={"200": 3},
    ).model_copy(update={"exchanges": [redirect]})

    page = read_learner(make_learner("ada", FAILED), [(FAILED, [failure])])

    assert words(page).endswith(
        "Answer: 307, Location: /notes/, without a body Answers 3 x 200 (to 3 such requests) "
        "Your code main.py:38 create_note App given COLOUR=blue a.json: {} Hangs in main.py:40 wait"
    )


def test_what_is_expected_is_green_and_what_the_test_got_is_red():
    page = read_learner(
        make_learner("ada", FAILED),
        [(FAILED, [make_failure(difference=["--- got", "+++ expected", " {", "-1", "+2"])])],
    )
    values = read_learner(make_learner("ada", FAILED), [(FAILED, [make_failure()])])

    spans = [found.get("class") for tag, found in page.found if tag == "span"]
    assert spans[-5:] == ["bad", "good", None, "bad", "good"]
    assert [found["class"] for tag, found in values.found if found.get("class") in {"expected", "got"}] == [
        "expected",
        "got",
    ]
    assert ".expected pre { border-color: var(--good); }" in values.style


def test_what_is_still_to_be_written_is_to_do_and_earns_nothing():
    (exchange,) = make_failure().exchanges
    failure = make_failure().model_copy(update={"exchanges": [exchange.model_copy(update={"status": 501})]})

    page = read_learner(
        make_learner("ada", FAILED, FAILED), [(FAILED, [failure]), (FAILED, [make_failure()])]
    )

    assert "1 Sentence 1. to do 0 of 1 2 Sentence 2. failed 0 of 1" in words(page)
    assert words(page).count("To do: the app answers 501, as the starter does") == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reasons": ["It is late.", "It is wet."]}, "failed It is late. It is wet."),
        ({}, "failed Its test failed."),
    ],
    ids=["reasons", "nothing"],
)
def test_a_learner_is_told_the_reasons_where_there_is_no_report(fields, told):
    page = read_learner(make_learner(criteria=[make_criterion(1, FAILED, **fields)]))

    assert words(page).endswith(told)


def test_a_learner_sees_the_run_that_decided():
    runs = [(FAILED, [make_failure("first")])], [(ERROR, [make_failure("second")])], [(PASSED, [])]

    page = read_learner(make_learner("ada", ERROR), *runs)

    assert "second" in page.text
    assert "first" not in page.text


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.REFUSED, "Refused: no criterion could be run It is empty. Total 0 of 1 points"),
        (
            Status.ERROR,
            "No grade: the grader failed, which says nothing about the submission It is empty. Total no grade",
        ),
        (Status.GRADED, "About this submission It is empty. Total 0 of 1 points"),
    ],
    ids=["refused", "error", "does not start"],
)
def test_a_learner_for_whom_nothing_was_run_is_told_why_and_nothing_else(status, told):
    page = read_learner(make_learner("ada", NOT_RUN, status=status, reason="It is empty."), hints=1)

    assert told in words(page)
    assert page.tags.isdisjoint({"section", "details"})


def test_a_learner_is_told_nothing_of_the_others():
    ada, bob = make_learner("ada", PASSED), make_learner("bob", FAILED, reason="It is empty.")
    grades = make_grades(ada, bob, notes=["bob handed in twice."])

    page = Page(pages.write_learner_page(grades, ada, make_feedback(), make_hints()))

    assert "bob" not in page.text
    assert "It is empty." not in page.text


def test_a_learner_sees_some_cases_and_some_requests_and_is_told_how_many_there_are():
    failures = [make_failure(f"case {number}", exchanges=8) for number in range(1, 8)]

    page = read_learner(make_learner("ada", FAILED), [(FAILED, failures)])

    shown = [f"Case: case {number} " in words(page) for number in range(1, 8)]
    assert shown == [True] * 5 + [False] * 2
    assert "And 2 cases more, in report.json." in page.text
    assert page.text.count("Before it: 4 of 7 earlier requests") == 5
    assert page.text.count("Request") == 25


def test_long_texts_are_cut_and_say_so():
    failure = make_failure("x" * 3995, log="y" * 4321)

    page = read_learner(make_learner("ada", FAILED), [(FAILED, [failure])])

    assert page.text.count("x" * 3995) == 6
    assert f"{'y' * 4000}… (321 characters more)" in page.text
    assert page.text.count("characters more") == 1


def facts(text):
    """Return what else is known of a failure, all of it this text."""
    return {"endpoint": text, "hangs": text, "given": Given(files={"a": text})}


@hostile
def test_whatever_a_text_holds_the_page_shows_it_as_text(text):
    fields = {"submission": text, "reason": text}
    ordinary = read_learner(
        make_learner("ada", FAILED, reason="x"), [(FAILED, [make_failure(difference=["x"], **facts("x"))])]
    )
    learner = make_learner(text, FAILED, **fields)
    feedback = make_feedback([(FAILED, [make_failure(text, difference=[text], place=text, **facts(text))])])

    written = pages.write_learner_page(make_grades(learner), learner, feedback, make_hints(0))

    page = Page(written.encode().decode())
    assert page.found == ordinary.found
    assert page.text.count(visible(text[:100])) == 14
    assert len(written.encode()) <= 2**21


@pytest.mark.parametrize(
    "text", ['"' * 20_000, "\u202e" * 20_000, "𝄞" * 20_000], ids=["quotes", "turns", "notes"]
)
def test_the_page_for_a_learner_is_never_greater_than_two_mebibytes(text):
    failure = make_failure(text, difference=[text] * 10, exchanges=10)
    learner = make_learner("ada", *[FAILED] * 41, reason=text * 50)
    feedback = make_feedback([(FAILED, [failure] * 10)] * 41)

    written = pages.write_learner_page(make_grades(learner), learner, feedback, make_hints(41))

    assert 2**19 < len(written.encode()) <= 2**21
    assert written.count("characters more)") > 41
    assert written.count('<section class="criterion"') == 41


# Names of folders


@pytest.mark.parametrize("learner", ["ada", "Ada.Lovelace", "ada_1", "2024-ada", "x" * 80, "_", "console"])
def test_an_ordinary_id_is_its_own_slug(learner):
    assert pages.slug(learner, set()) == learner


@pytest.mark.parametrize(
    "learner",
    [
        *(
            "",
            ".",
            "..",
            "...",
            "-rf",
            ".hidden",
            "ada.",
            "ada-",
            "a/b",
            "a\\b",
            "../../etc/passwd",
            "/etc/passwd",
        ),
        *(
            "CON",
            "nul",
            "nul.txt",
            "Com1.tar",
            "LPT9",
            "aux..x",
            "ada lovelace",
            "chloé",
            "王芳",
            "\u202eada",
        ),
        *(
            "a\x00b",
            "\ud800",
            "x" * 81,
            "x" * 10**6,
            "王" * 300,
            "a:b",
            "a*?<>|b",
            "con\u00b9",
            "~",
            "%2e%2e",
        ),
    ],
    ids=lambda learner: ascii(learner[:20]),
)
def test_any_other_id_gets_a_slug_that_every_system_takes(learner):
    slug = pages.slug(learner, set())

    assert SAFE_NAME.fullmatch(slug.lower())
    assert re.search(r"-[0-9a-f]{8}$", slug)
    assert slug != pages.slug(learner + "x", set())
    assert slug == pages.slug(learner, set())


def test_no_two_learners_share_a_slug():
    taken = set()
    stolen = pages.slug("a b", set())
    learners = ["Ada", "ada", "ADA", "a b", "a/b", stolen, stolen.upper()]

    given = [pages.slug(learner, taken) for learner in [stolen, *learners]]

    assert given[:2] == [stolen, "Ada"]
    assert len({slug.lower() for slug in given}) == len(given)
    assert all(SAFE_NAME.fullmatch(slug.lower()) for slug in given)
    assert taken == {slug.lower() for slug in given}


def test_the_slugs_of_a_class_are_those_of_the_links():
    grades = make_grades(*(make_learner(name, PASSED) for name in ("Ada", "ada", "a/b")))

    slugs = pages.slugs(grades)

    links = Page(pages.write_overview(grades)).attributes("href")
    assert list(slugs) == ["Ada", "ada", "a/b"]
    assert links == [f"learners/{slug}/index.html" for slug in slugs.values()]
