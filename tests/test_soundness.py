"""`docs/soundness.md`: what stands there is in step with the exercises' files."""

from pathlib import Path

import pytest

from ladder.authoring.mutants import find_mutants
from ladder.authoring.mutation import Fate, Judged, Score
from ladder.authoring.soundness import DOCUMENT, MEANINGS, read_scores, render, write_document
from ladder.course.catalog import Catalog, Kind

ROOT = Path(__file__).parent.parent
ATTACK = """\
[[mistake]]
name = "always-the-first"
why = "Nobody asks twice."
kind = "oldest"
file = "main.py"
text = "said[-1]"
replacement = "said[0]"
caught_by = [2]
"""


@pytest.fixture
def score(course):
    """Return a score of the small exercise: one mutant killed, and one survivor, of ten."""
    mutants = find_mutants(course.exercise.solution.source)[:2]
    judged = [Judged(mutants[0], Fate.KILLED, 1.0), Judged(mutants[1], Fate.SURVIVED, 1.0)]
    return Score("scenarios/00_tiny", 10, judged, 1.0)


def test_the_document_is_in_step_with_the_exercises():
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")

    assert text == render(Catalog(ROOT), read_scores(text)), "write it anew: nox -s soundness"


def test_each_kind_has_a_meaning():
    assert list(MEANINGS) == list(Kind)


def test_an_exercise_that_nobody_has_judged_has_no_scores(course):
    text = write_document(course.catalog).read_text()

    assert "| scenarios/00_tiny | 2 | 5 | - | - | - | - | - | - | - |" in text.splitlines()


def test_scores_are_written_and_kept_when_the_rest_is_written_anew(course, score):
    write_document(course.catalog, [score])
    course.edit("mistakes.toml", 'name = "created"', 'name = "created"\nkind = "media-type"')
    course.add("scenarios/01_other")

    lines = write_document(course.catalog).read_text().splitlines()

    assert "| scenarios/00_tiny | 2 | 5 | 10 | 2 | 0 | 1 | 0 | 1 | 50.0% |" in lines
    assert "| scenarios/01_other | 2 | 5 | - | - | - | - | - | - | - |" in lines
    assert "| `media-type` | media types and details | s0: created |" in lines


def test_attacks_stand_there_with_the_criteria_that_catch_them(course):
    course.write("tests/wrong/scenarios/00_tiny/attacks.toml", ATTACK)

    lines = write_document(course.catalog).read_text().splitlines()

    assert "| `oldest` | of several, only the newest is right | s0: always-the-first |" in lines
    assert lines[-1] == "| scenarios/00_tiny | always-the-first | oldest | caught by 2 |"


def test_written_twice_it_is_the_same(course, score):
    first = write_document(course.catalog, [score]).read_text()

    assert write_document(course.catalog, [score]).read_text() == first
