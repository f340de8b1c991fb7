"""A class's grades for people: an overview of the class, and a page for each learner, in HTML.

The pages open from a disk: they hold no script, load nothing, and allow neither (Content Security Policy, level 3).
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from markupsafe import escape as escape_html

from ladder.base.text import cut, decimal, fit, visible
from ladder.checking.report import facts_of
from ladder.course.ticket import Hints
from ladder.grading import gradebook
from ladder.grading.results import Feedback, Grades, LearnerGrade, Status

PAGE_BYTES = 2 * 2**20
SLUG_CHARACTERS = 80
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""The names that are devices on Windows, with any ending."""
TEMPLATES = Path(__file__).with_name("html")
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
BINS = 10
TEACH_AGAIN = 0.5
"""The pass rate below which a criterion is worth another lesson."""


def show(value: object) -> object:
    """Return a value as a page shows it: text without anything that hides."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def prose(text: str) -> Markup:
    """Return an author's sentence as HTML, with its code between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape_html(visible(text)))))  # noqa: S704 - escaped


PAGES = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=show,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters |= {"cut": cut, "decimal": decimal, "prose": prose}
PAGES.globals |= {
    "style": Markup(STYLE),  # noqa: S704 - our own
    "style_hash": STYLE_HASH,
    "meanings": gradebook.MEANINGS,
    "flaky": gradebook.FLAKY,
    "late_sentence": gradebook.late_sentence,
    "failures_of": gradebook.failures_of,
    "facts_of": facts_of,
    "is_to_do": gradebook.is_to_do,
    "to_do": gradebook.TO_DO,
    "colours": {"-": "bad", "+": "good"},
}


def write_overview(grades: Grades) -> str:
    """Return the page about the class, of 2 MiB at most; it links to `learners/<slug>/index.html`."""
    rates, folders = grades.pass_rates(), slugs(grades)
    template = PAGES.get_template("overview.html")

    def render(rows: int) -> Iterator[str]:
        return template.generate(
            grades=grades,
            counts={status: sum(one.status is status for one in grades.learners) for status in Status},
            criteria=[
                (number, sentence, rates.get(number))
                for number, sentence in gradebook.sentences(grades).items()
            ],
            teach_again=TEACH_AGAIN,
            histogram=histogram(grades.learners),
            slugs=folders,
            rows=rows,
            notes=gradebook.SHOWN_NOTES,
        )

    return "".join(fit(render, len(grades.learners), PAGE_BYTES))


def write_learner_page(grades: Grades, learner: LearnerGrade, feedback: Feedback, hints: Hints) -> str:
    """Return the page for one learner, of 2 MiB at most: what is longer is cut, and says so."""
    told = [criterion for criterion in learner.criteria if gradebook.has_feedback(learner, criterion)]
    template = PAGES.get_template("learner.html")

    def render(limit: int) -> Iterator[str]:
        return template.generate(
            grades=grades,
            learner=learner,
            feedback=feedback,
            hints=hints,
            told=told,
            limit=limit,
            cases=gradebook.SHOWN_CASES,
            exchanges=gradebook.SHOWN_EXCHANGES,
        )

    return "".join(fit(render, gradebook.SHOWN_CHARACTERS, PAGE_BYTES))


def histogram(learners: list[LearnerGrade]) -> list[int]:
    """Return how many learners with a grade got less than 10 % of the points, less than 20 %, and so on."""
    counts = [0] * BINS
    for learner in learners:
        if learner.total is not None and learner.possible > 0:
            share = learner.total / learner.possible
            counts[min(int(share * BINS), BINS - 1)] += 1
    return counts


def slugs(grades: Grades) -> dict[str, str]:
    """Return the name of each learner's folder, by the learner's id."""
    taken: set[str] = set()
    return {learner.learner: slug(learner.learner, taken) for learner in grades.learners}


def slug(learner: str, taken: set[str]) -> str:
    """Return a learner's id as a name for a file that every system takes, of 80 characters at most.

    Where anything had to be replaced, or another one has the name already, a part of the id's hash follows it.

    Args:
        learner: the id, whatever it is.
        taken: the names given so far, in lower case; the new one is added.
    """
    name = UNSAFE.sub("-", learner).strip("-.")[:SLUG_CHARACTERS] or "learner"
    if RESERVED.match(name):
        name = f"_{name}"
    digest = hashlib.sha256(learner.encode("utf-8", "surrogatepass")).hexdigest()
    given = name if name == learner else f"{name[: SLUG_CHARACTERS - 9]}-{digest[:8]}"
    while given.lower() in taken:
        digest = hashlib.sha256(digest.encode()).hexdigest()
        given = f"{name[: SLUG_CHARACTERS - 9]}-{digest[:8]}"
    taken.add(given.lower())
    return given
