"""Every exercise of the course is in step with itself: the quick part of `ladder verify`."""

from pathlib import Path

import pytest

from ladder.authoring.documents import (
    discussion_problems,
    equivalent_problems,
    hint_problems,
    mistake_problems,
    ticket_problems,
)
from ladder.course.catalog import Catalog
from ladder.course.sections import course_problems
from ladder.course.ticket import HINT_STEPS

ROOT = Path(__file__).parent.parent
OPTIONAL = {"discussion.md", "equivalents.toml"}
PARTS = {"README.md", "exercise.toml", "starter", "solution", "tests", "hints.md", "mistakes.toml"}
EXERCISES = [pytest.param(exercise, id=exercise.path) for exercise in Catalog(ROOT)]

every_exercise = pytest.mark.parametrize("exercise", EXERCISES)


def visible_names(folder):
    """Name what a folder holds, but for what tools leave there."""
    return {path.name for path in folder.iterdir() if not path.name.startswith((".", "__"))}


def test_the_course_begins_with_the_scenarios_and_the_exercises():
    assert [exercise.path for exercise in Catalog(ROOT)][:9] == [
        "scenarios/00_sticky_notes",
        "scenarios/01_persistent_notes",
        "scenarios/02_task_tracker",
        "scenarios/03_skillsync",
        "exercises/01_lead_api",
        "exercises/02_enrichment",
        "exercises/03_meeting_scheduler",
        "exercises/04_ab_testing",
        "exercises/05_webhooks",
    ]


def test_no_two_packages_have_the_same_name():
    packages = [exercise.package for exercise in Catalog(ROOT)]

    assert len(set(packages)) == len(packages)


@every_exercise
def test_all_its_parts_are_there_and_no_others(exercise):
    assert visible_names(exercise.folder) - OPTIONAL == PARTS


@every_exercise
@pytest.mark.parametrize("version", ["starter", "solution"])
def test_starter_and_solution_hold_the_package_and_nothing_but_tests_of_its_own(exercise, version):
    app = getattr(exercise, version)

    app.require()

    own_tests = {"conftest.py", "tests"} if (app.folder / "tests").exists() else set()
    assert visible_names(app.folder) == {exercise.package, *own_tests}


@every_exercise
def test_its_criteria_are_its_tests(exercise):
    exercise.require_tests_for_criteria()

    assert sorted(exercise.test_names) == sorted(one.test_name for one in exercise.ticket.criteria)


def test_its_sections_list_their_exercises_and_none_needs_itself():
    assert list(course_problems(Catalog(ROOT))) == []


@every_exercise
def test_its_discussion_answers_the_questions_of_the_brief(exercise):
    assert list(discussion_problems(exercise)) == []


@every_exercise
def test_its_ticket_is_complete(exercise):
    assert list(ticket_problems(exercise)) == []
    assert exercise.ticket.examples != ()


@every_exercise
def test_it_has_an_id_that_outlives_its_path(exercise):
    assert exercise.manifest.id == exercise.id


@every_exercise
def test_its_hints_are_three_steps_for_each_criterion_and_give_nothing_away(exercise):
    assert list(hint_problems(exercise)) == []
    assert {sentence: len(steps) for sentence, steps in exercise.hints.steps.items()} == {
        criterion.sentence: HINT_STEPS for criterion in exercise.ticket.criteria
    }


@every_exercise
def test_its_mistakes_are_edits_of_the_reference_that_existing_criteria_catch(exercise):
    numbers = {criterion.number for criterion in exercise.ticket.criteria}

    assert list(mistake_problems(exercise)) == []
    assert list(equivalent_problems(exercise)) == []
    assert {
        mistake.name: (exercise.solution.source / mistake.file)
        .read_text(encoding="utf-8")
        .count(mistake.text)
        for mistake in exercise.mistakes
    } == {mistake.name: 1 for mistake in exercise.mistakes}
    assert {number for mistake in exercise.mistakes for number in mistake.caught_by} <= numbers
    assert [one.name for one in exercise.mistakes if one.text == one.replacement] == []


@every_exercise
def test_it_needs_only_exercises_that_come_before_it(exercise):
    paths = [one.path for one in Catalog(ROOT)]

    assert set(exercise.manifest.needs) <= set(paths[: paths.index(exercise.path)])
