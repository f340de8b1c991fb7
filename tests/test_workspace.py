"""The learner's folder: nothing that was written there is ever lost."""

import shutil

import pytest

from ladder.course.catalog import AppNotFoundError, CatalogError
from ladder.course.workspace import Progress, WorkspaceError


@pytest.fixture
def progress(course):
    """Return the learner's progress."""
    return course.workspace.progress


@pytest.fixture
def started(course):
    """Return a course in which the exercise was started."""
    course.workspace.start(course.exercise)
    return course


def texts_below(folder):
    """Return the text of every `main.py` below a folder."""
    return {path.read_text() for path in folder.rglob("main.py")}


def test_a_start_copies_the_starter_and_nothing_else(course):
    course.write("scenarios/00_tiny/starter/tiny/__pycache__/main.pyc", "")
    course.write("scenarios/00_tiny/starter/tiny/routes/notes.py", "# routes\n")

    app = course.workspace.start(course.exercise)

    assert app == course.workspace.require(course.exercise)
    assert {str(path.relative_to(app.folder)) for path in app.folder.rglob("*")} == {
        *("tiny", "tiny/__init__.py", "tiny/main.py", "tiny/routes", "tiny/routes/notes.py")
    }
    assert course.learners.read_text() == (course.folder / "starter/tiny/main.py").read_text()
    assert [path.name for path in app.folder.parent.iterdir()] == ["00_tiny"]


def test_a_second_start_leaves_the_work_as_it_is(started):
    started.learners.write_text("mine")

    with pytest.raises(WorkspaceError) as caught:
        started.workspace.start(started.exercise)

    assert "exists already, and your work in it stays as it is" in str(caught.value)
    assert "ladder reset s0" in str(caught.value)
    assert started.learners.read_text() == "mine"


@pytest.mark.parametrize(
    ("part", "error"),
    [
        pytest.param("starter", CatalogError, id="the folder"),
        pytest.param("starter/tiny", AppNotFoundError, id="the package"),
    ],
)
def test_a_starter_that_is_gone_starts_nothing(course, part, error):
    shutil.rmtree(course.folder / part)

    with pytest.raises(error, match="starter"):
        course.workspace.start(course.exercise)

    assert not course.learners.parents[1].exists()


@pytest.mark.parametrize("part", ["starter", "starter/tiny"])
def test_a_starter_that_is_gone_costs_no_work(started, part):
    started.learners.write_text("mine")
    shutil.rmtree(started.folder / part)

    with pytest.raises((CatalogError, AppNotFoundError), match="starter"):
        started.workspace.reset(started.exercise)

    assert started.learners.read_text() == "mine"


@pytest.mark.parametrize("what", ["require", "reset", "undo"])
def test_what_needs_a_start_says_how_to_start(course, what):
    with pytest.raises(WorkspaceError) as caught:
        getattr(course.workspace, what)(course.exercise)

    assert str(caught.value) == "You have not started scenarios/00_tiny. Type: ladder start s0"


def test_a_reset_brings_the_starter_and_puts_the_work_aside(started):
    starter = started.learners.read_text()
    started.learners.write_text("mine")
    started.learners.with_name("extra.txt").write_text("mine, too")

    aside = started.workspace.reset(started.exercise)

    assert started.learners.read_text() == starter
    assert not started.learners.with_name("extra.txt").exists()
    assert (aside / "tiny/main.py").read_text() == "mine"
    assert (aside / "tiny/extra.txt").read_text() == "mine, too"


def test_an_undo_brings_back_what_was_put_aside_last(started):
    started.learners.write_text("first")
    started.workspace.reset(started.exercise)
    started.learners.write_text("second")
    started.workspace.reset(started.exercise)
    started.learners.write_text("third")

    aside = started.workspace.undo(started.exercise)

    assert started.learners.read_text() == "second"
    assert (aside / "tiny/main.py").read_text() == "third"


def test_a_second_undo_undoes_the_first(started):
    started.learners.write_text("mine")
    started.workspace.reset(started.exercise)
    started.learners.write_text("anew")

    started.workspace.undo(started.exercise)
    once = started.learners.read_text()
    started.workspace.undo(started.exercise)

    assert [once, started.learners.read_text()] == ["mine", "anew"]


def test_an_undo_without_anything_put_aside_says_so_and_leaves_the_work(started):
    started.learners.write_text("mine")

    with pytest.raises(WorkspaceError, match=r"^Nothing of scenarios/00_tiny was put aside"):
        started.workspace.undo(started.exercise)

    assert started.learners.read_text() == "mine"


def test_nothing_that_was_ever_written_is_lost(started):
    written = [f"version {number}" for number in range(4)]
    [(started.learners.write_text(text), started.workspace.reset(started.exercise)) for text in written]
    started.learners.write_text("the last version")

    [started.workspace.undo(started.exercise) for _ in range(5)]

    assert texts_below(started.workspace.folder) >= {*written, "the last version"}


def test_one_exercises_work_is_not_put_aside_with_anothers(started):
    started.add("scenarios/01_tinier")
    other = started.catalog.find("tinier")
    started.workspace.start(other)
    started.learners.write_text("mine")
    started.workspace.reset(started.exercise)

    with pytest.raises(WorkspaceError, match=r"^Nothing of scenarios/01_tinier was put aside"):
        started.workspace.undo(other)


def test_progress_begins_with_nothing(course, progress):
    assert progress.facts() == set()
    assert not progress.has_passed(course.exercise)
    assert not progress.has_given_up(course.exercise)
    assert progress.hints_seen(course.exercise, 1) == 0
    assert not progress.path.exists()


def test_a_pass_is_noted_once_with_its_day(course, progress):
    course.write("workspace/progress.txt", "passed scenarios/00_tiny 2024-02-29\n")

    progress.note_pass(course.exercise)

    assert progress.has_passed(course.exercise)
    assert progress.path.read_text() == "passed scenarios/00_tiny 2024-02-29\n"


def test_facts_are_kept_sorted_one_in_a_line(course, progress):
    progress.note_hint(course.exercise, 2, 1)
    progress.note_giving_up(course.exercise)
    progress.note_hint(course.exercise, 1, 1)
    progress.note_hint(course.exercise, 1, 1)

    assert progress.path.read_text() == (
        "gave-up scenarios/00_tiny\nhint scenarios/00_tiny 1 1\nhint scenarios/00_tiny 2 1\n"
    )
    assert list(progress.path.parent.iterdir()) == [progress.path]


def test_hints_are_counted_for_each_criterion(course, progress):
    progress.note_hint(course.exercise, 1, 2)
    progress.note_hint(course.exercise, 1, 3)
    progress.note_hint(course.exercise, 12, 1)

    assert [progress.hints_seen(course.exercise, number) for number in (1, 2, 12)] == [3, 0, 1]


def test_one_exercises_progress_is_not_anothers(course, progress):
    course.add("scenarios/00_tiny_two")
    progress.note_pass(course.exercise)
    progress.note_giving_up(course.exercise)
    progress.note_hint(course.exercise, 1, 1)

    other = course.catalog.find("tiny_two")

    assert not progress.has_passed(other)
    assert not progress.has_given_up(other)
    assert progress.hints_seen(other, 1) == 0


def test_two_versions_of_the_file_merge_by_their_lines(course):
    path = course.write(
        "workspace/progress.txt",
        "gave-up scenarios/00_tiny\n"
        "<<<<<<< HEAD\n"
        "hint scenarios/00_tiny 1 1\n"
        "hint scenarios/00_tiny 1 2\n"
        "||||||| base\n"
        "=======\n"
        "hint scenarios/00_tiny 1 1\n"
        "passed scenarios/00_tiny 2024-02-29\n"
        "passed scenarios/00_tiny 2024-03-01\n"
        ">>>>>>> laptop\n",
    )
    progress = Progress(path)

    progress.note_hint(course.exercise, 2, 1)

    assert progress.has_passed(course.exercise)
    assert progress.has_given_up(course.exercise)
    assert [progress.hints_seen(course.exercise, number) for number in (1, 2)] == [2, 1]
    assert path.read_text().splitlines() == [
        "gave-up scenarios/00_tiny",
        "hint scenarios/00_tiny 1 1",
        "hint scenarios/00_tiny 1 2",
        "hint scenarios/00_tiny 2 1",
        "passed scenarios/00_tiny 2024-02-29",
        "passed scenarios/00_tiny 2024-03-01",
    ]


def test_a_file_with_the_line_ends_of_windows_is_read(course):
    path = course.root / "workspace/progress.txt"
    path.parent.mkdir()
    path.write_bytes(b"passed scenarios/00_tiny 2024-02-29\r\nhint scenarios/00_tiny 1 2\r\n")

    assert Progress(path).has_passed(course.exercise)
    assert Progress(path).hints_seen(course.exercise, 1) == 2


def test_a_line_that_is_no_fact_is_passed_over(course):
    path = course.write(
        "workspace/progress.txt", "hint scenarios/00_tiny 1 two\nhint scenarios/00_tiny 1 1\n\nhello\n"
    )

    assert Progress(path).hints_seen(course.exercise, 1) == 1


def test_an_app_works_outside_its_code(started):
    folder = started.workspace.run_folder(started.exercise)

    assert folder.is_dir()
    assert not folder.is_relative_to(started.learners.parents[1])
    assert folder.is_relative_to(started.workspace.folder)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_progress_that_an_editor_saved_in_another_encoding_stays(course, progress, encoding):
    progress.path.parent.mkdir()
    progress.path.write_text("passed scenarios/00_tiny 2026-01-02\n", encoding=encoding)

    progress.note_hint(course.exercise, 1, 2)

    assert progress.path.read_text(encoding="utf-8") == (
        "hint scenarios/00_tiny 1 2\npassed scenarios/00_tiny 2026-01-02\n"
    )


def test_progress_that_cannot_be_read_is_told_and_stays(course, progress):
    progress.path.parent.mkdir()
    progress.path.write_bytes(b"passed scenarios/00_tiny 2026-01-02\n# caf\xe9\n")

    with pytest.raises(WorkspaceError, match=r"progress\.txt is not text in UTF-8\."):
        progress.note_hint(course.exercise, 1, 2)

    assert progress.path.read_bytes() == b"passed scenarios/00_tiny 2026-01-02\n# caf\xe9\n"


def test_a_renamed_exercise_keeps_its_progress(course, progress):
    course.edit("exercise.toml", "minutes = 5", 'id = "tiny"\nminutes = 5')
    progress.note_pass(course.exercise)
    progress.note_hint(course.exercise, 1, 2)
    progress.note_giving_up(course.exercise)

    course.folder.rename(course.root / "scenarios/07_small")

    renamed = course.catalog.find("s7")
    assert progress.has_passed(renamed)
    assert not progress.has_passed_other_tests(renamed)
    assert progress.hints_seen(renamed, 1) == 2
    assert progress.has_given_up(renamed)


def test_what_was_noted_by_the_path_counts_under_the_id(course, progress):
    course.write(
        "workspace/progress.txt", "passed scenarios/00_tiny 2024-02-29\nhint scenarios/00_tiny 1 2\n"
    )
    course.edit("exercise.toml", "minutes = 5", 'id = "tiny"\nminutes = 5')

    assert progress.has_passed(course.exercise)
    assert not progress.has_passed_other_tests(course.exercise)
    assert progress.hints_seen(course.exercise, 1) == 2


def test_a_pass_of_tests_that_have_changed_since_is_told_and_noted_anew(course, progress):
    progress.note_pass(course.exercise)
    tests = next(course.exercise.tests.glob("test_*.py"))
    tests.write_text(tests.read_text() + "# changed\n")

    assert progress.has_passed(course.exercise)
    assert progress.has_passed_other_tests(course.exercise)

    progress.note_pass(course.exercise)

    assert not progress.has_passed_other_tests(course.exercise)
    assert len(progress.facts()) == 2
