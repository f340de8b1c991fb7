"""`ladder new`: what it writes is one TODO short of sound."""

import pytest

from ladder.authoring.scaffold import write_exercise
from ladder.authoring.verify import Job, parts_of
from ladder.base.errors import LadderError
from ladder.course.catalog import Exercise

PATH = "curriculum/01_api_basics/02_crud_api"


def problems_of(course, exercise):
    findings = [Job(course.root, exercise.folder, part).run() for part in parts_of(exercise)]
    return {finding.part: finding.problem for finding in findings if finding.problem is not None}


def test_a_new_exercise_is_sound_as_soon_as_its_todo_is_done(course):
    folder = write_exercise(course.root, PATH, "CRUD API")
    exercise = Exercise(course.root, folder)

    before = problems_of(course, exercise)
    readme = folder / "README.md"
    readme.write_text(readme.read_text().replace("TODO: tell", "Tell"))
    after = problems_of(course, Exercise(course.root, folder))

    assert list(before) == ["documents"]
    assert before["documents"].startswith("README.md:5: something is left to do: TODO: ")
    assert after == {}
    assert (exercise.short, exercise.package, exercise.manifest.title) == ("c1.2", "crud_api", "CRUD API")


@pytest.mark.parametrize(
    "path",
    [
        "elsewhere/01_app",
        "scenarios",
        "scenarios/app",
        "scenarios/01_App",
        "curriculum/01_a/02_b/03_c",
        "../x/01_a",
    ],
)
def test_a_path_of_no_exercise_is_refused(course, path):
    with pytest.raises(LadderError, match="is not the path of an exercise"):
        write_exercise(course.root, path, "App")


@pytest.mark.parametrize("title", ["", " ", 'say "hello"', "two\nlines", "back\\slash"])
def test_a_title_that_fits_no_file_is_refused(course, title):
    with pytest.raises(LadderError, match="A title is one line of text"):
        write_exercise(course.root, PATH, title)

    assert not (course.root / PATH).exists()


def test_what_is_there_is_never_overwritten(course):
    before = (course.folder / "README.md").read_text()

    with pytest.raises(LadderError, match="exists already"):
        write_exercise(course.root, "scenarios/00_tiny", "Tiny")

    assert (course.folder / "README.md").read_text() == before


def test_the_command_says_what_to_do_next(command):
    run = command.ladder("new", PATH, "--title", "CRUD API")

    assert (run.returncode, run.stderr) == (0, "")
    assert "ladder verify c1.2" in run.stdout
