"""Sections list their exercises, and no exercise needs itself."""

import pytest

from ladder.course.sections import course_problems, sections_of

README = """\
# Scenarios

Small apps.

- [Tiny](00_tiny/README.md)
- [Larger](01_larger/README.md)
"""


@pytest.fixture
def two(course):
    """Return a course with a section of two exercises that is in order."""
    course.add("scenarios/01_larger")
    course.write("scenarios/README.md", README)
    return course


def problems_of(course):
    return list(course_problems(course.catalog))


def test_a_section_has_its_title_and_its_exercises(two):
    [section] = sections_of(two.catalog)

    assert section.title == "Scenarios"
    assert [exercise.short for exercise in section.exercises] == ["s0", "s1"]
    assert problems_of(two) == []


def test_a_section_that_nobody_has_described_is_called_like_its_folder(course):
    course.add("curriculum/02_databases/01_first_table")

    assert [section.title for section in sections_of(course.catalog)] == ["Scenarios", "Databases"]


@pytest.mark.parametrize(
    ("readme", "problem"),
    [
        pytest.param("", "begin with a title (# …), what the section teaches, and its exercises", id="none"),
        pytest.param(
            README.replace("- [Tiny](00_tiny/README.md)\n", ""),
            "link its exercises in their order, once each: "
            "[Tiny](00_tiny/README.md), [Tiny](01_larger/README.md)",
            id="one is missing",
        ),
        pytest.param(
            README + "- [Tiny](00_tiny/README.md)\n",
            "link its exercises in their order, once each: "
            "[Tiny](00_tiny/README.md), [Tiny](01_larger/README.md)",
            id="one stands there twice",
        ),
    ],
)
def test_a_section_that_does_not_list_its_exercises_is_told_what_to_write(two, readme, problem):
    two.write("scenarios/README.md", readme)

    assert problems_of(two) == [("scenarios", f"scenarios/README.md: {problem}")]


def test_a_track_that_does_not_list_its_sections_is_told_what_to_write(two):
    two.add("curriculum/02_databases/01_first_table")
    two.write("curriculum/02_databases/README.md", "# Data\n\n- [Tiny](01_first_table/README.md)\n")

    problem = (
        "curriculum/README.md: link its sections in their order, once each: [Data](02_databases/README.md)"
    )
    assert problems_of(two) == [("curriculum", problem)]

    two.write("curriculum/README.md", "# Curriculum\n\n- [Data](02_databases/README.md)\n")
    assert problems_of(two) == []


def test_exercises_that_need_each_other_are_found(two):
    for name, needed in (("00_tiny", "01_larger"), ("01_larger", "00_tiny")):
        manifest = two.root / f"scenarios/{name}/exercise.toml"
        manifest.write_text(manifest.read_text().replace("needs = []", f'needs = ["scenarios/{needed}"]'))

    assert problems_of(two) == [
        (path, f"{path}/exercise.toml: the exercise needs itself, by way of what it needs")
        for path in ("scenarios/00_tiny", "scenarios/01_larger")
    ]


def test_two_exercises_with_one_id_are_found(two):
    for name in ("00_tiny", "01_larger"):
        manifest = two.root / f"scenarios/{name}/exercise.toml"
        manifest.write_text('id = "tiny"\n' + manifest.read_text())

    assert problems_of(two) == [
        ("scenarios/00_tiny", "scenarios/00_tiny/exercise.toml: scenarios/01_larger has the id 'tiny' too"),
        ("scenarios/01_larger", "scenarios/01_larger/exercise.toml: scenarios/00_tiny has the id 'tiny' too"),
    ]


def test_an_exercise_that_is_not_in_order_is_a_problem_of_the_course(two):
    two.write("scenarios/01_larger/exercise.toml", "minutes = 1\n")

    [(path, fault), _] = problems_of(two)

    assert path == "scenarios/01_larger"
    assert "title: Field required" in fault


def test_verify_tells_what_is_wrong_with_a_section(command, two):
    (two.root / "scenarios/README.md").unlink()

    run = command.ladder("verify")

    assert run.returncode == 1
    assert "NOT SOUND  scenarios\nscenarios/README.md: begin with a title" in run.stdout
