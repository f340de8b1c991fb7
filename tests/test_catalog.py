"""The catalogue: exercises are found, known by several names, and told what is wrong with their files."""

import shutil

import pytest

from ladder.base.errors import LadderError
from ladder.course.catalog import App, AppNotFoundError, Catalog, CatalogError, Kind


@pytest.fixture
def tracks(course):
    """Return a course with exercises in every track."""
    course.add("curriculum/02_databases/01_first_table")
    course.add("curriculum/01_api_basics/12_streams")
    course.add("curriculum/01_api_basics/03_crud_api")
    course.add("exercises/01_lead_api")
    course.add("scenarios/01_larger")
    return course


def test_exercises_come_in_the_order_of_tracks_and_numbers(tracks):
    paths = [exercise.path for exercise in tracks.catalog]

    assert paths == [
        "scenarios/00_tiny",
        "scenarios/01_larger",
        "exercises/01_lead_api",
        "curriculum/01_api_basics/03_crud_api",
        "curriculum/01_api_basics/12_streams",
        "curriculum/02_databases/01_first_table",
    ]


def test_a_copy_of_an_app_holds_all_its_files_and_nothing_that_tools_leave(course, tmp_path):
    for name in (".env.example", ".gitignore", "data/words.txt", "__pycache__/main.pyc", ".ruff_cache/x"):
        course.write(f"scenarios/00_tiny/solution/tiny/{name}", "")

    copy = course.exercise.solution.copy_to(tmp_path)

    names = [".env.example", ".gitignore", "__init__.py", "main.py", "data/words.txt"]
    assert [path.as_posix() for path in copy.files()] == names
    assert [path.as_posix() for path in course.exercise.solution.files()] == names


def test_what_stands_outside_the_tracks_is_no_exercise(course):
    course.add("workspace/scenarios/07_copied")
    course.write("scenarios/02_unfinished/README.md", "Not yet.")

    paths = [exercise.path for exercise in course.catalog]

    assert paths == ["scenarios/00_tiny"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param("scenarios/00_tiny", "scenarios/00_tiny", id="path"),
        pytest.param("scenarios/00_tiny/", "scenarios/00_tiny", id="path with a slash"),
        pytest.param("./scenarios/00_tiny", "scenarios/00_tiny", id="path with a dot"),
        pytest.param("scenarios/00", "scenarios/00_tiny", id="numbers"),
        pytest.param("s0", "scenarios/00_tiny", id="letter and number"),
        pytest.param("tiny", "scenarios/00_tiny", id="package"),
        pytest.param("00_tiny", "scenarios/00_tiny", id="folder"),
        pytest.param("ti", "scenarios/00_tiny", id="beginning of a package"),
        pytest.param("arge", "scenarios/01_larger", id="part of a package"),
        pytest.param("e", "exercises/01_lead_api", id="beginning of a track"),
        pytest.param("scenarios/01_l", "scenarios/01_larger", id="beginning of a path"),
        pytest.param(
            "curriculum/01_api_basics/03_crud_api", "curriculum/01_api_basics/03_crud_api", id="nested path"
        ),
        pytest.param("curriculum/01/03", "curriculum/01_api_basics/03_crud_api", id="nested numbers"),
        pytest.param("c1.3", "curriculum/01_api_basics/03_crud_api", id="letter and nested numbers"),
        pytest.param("c1.12", "curriculum/01_api_basics/12_streams", id="two digits"),
        pytest.param("curriculum/02", "curriculum/02_databases/01_first_table", id="beginning of numbers"),
    ],
)
def test_an_exercise_answers_to_each_of_its_names(tracks, name, path):
    exercise = tracks.catalog.find(name)

    assert exercise.path == path


def test_a_whole_name_goes_before_the_beginning_of_another(tracks):
    tracks.add("scenarios/10_tiny_again")
    tracks.add("scenarios/11_later")

    found = [tracks.catalog.find(name).path for name in ("tiny", "s1")]

    assert found == ["scenarios/00_tiny", "scenarios/01_larger"]


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        pytest.param("scenarios", ["scenarios/00_tiny", "scenarios/01_larger"], id="a track"),
        pytest.param(
            "c1",
            ["curriculum/01_api_basics/03_crud_api", "curriculum/01_api_basics/12_streams"],
            id="a section",
        ),
        pytest.param("l", ["scenarios/01_larger", "exercises/01_lead_api"], id="two tracks"),
    ],
)
def test_a_name_that_fits_two_exercises_names_both(tracks, name, fitting):
    with pytest.raises(CatalogError) as caught:
        tracks.catalog.find(name)

    assert str(caught.value) == f"'{name}' fits {', '.join(fitting)}. Write a few letters more."


def test_a_name_that_fits_many_names_five_and_the_way_to_the_rest(course):
    for number in range(1, 9):
        course.add(f"exercises/0{number}_app")

    with pytest.raises(CatalogError) as caught:
        course.catalog.find("e")

    named = ", ".join(f"exercises/0{number}_app" for number in range(1, 6))
    assert str(caught.value) == f"'e' fits {named} and 3 more. See all names with: ladder --all"


def test_one_package_in_two_folders_is_no_name_for_either(course):
    course.add("curriculum/01_basics/01_tiny")

    with pytest.raises(CatalogError, match=r"scenarios/00_tiny, curriculum/01_basics/01_tiny"):
        course.catalog.find("tiny")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param("nowhere", "", id="like none"),
        pytest.param("tinny", "Did you mean tiny? ", id="like one"),
    ],
)
def test_a_name_that_fits_none_lists_those_that_there_are(course, name, meant):
    course.add("exercises/01_lead_api")

    with pytest.raises(CatalogError) as caught:
        course.catalog.find(name)

    said = f"There is no exercise called '{name}'. {meant}See all names with: ladder --all"
    assert str(caught.value) == said


def test_a_part_of_a_title_is_a_name_as_well(course):
    other = course.add("exercises/01_lead_api")
    (other / "exercise.toml").write_text((other / "exercise.toml").read_text().replace("Tiny", "Ingest"))

    assert course.catalog.find("gest").path == "exercises/01_lead_api"


def test_a_name_may_be_in_capitals(course):
    assert course.catalog.find("S0").path == "scenarios/00_tiny"


def test_a_course_without_exercises_says_so(tmp_path):
    with pytest.raises(CatalogError, match=f"no exercise.toml stands below {tmp_path}"):
        Catalog(tmp_path).find("s0")


@pytest.mark.parametrize(
    ("text", "replacement", "key"),
    [
        pytest.param("needs = []", "needs = []\nneds = []", "neds", id="an unknown key"),
        pytest.param("needs = []\n", "", "needs", id="a missing key"),
        pytest.param("minutes = 5", 'minutes = "5"', "minutes", id="a string for a number"),
        pytest.param("minutes = 5", "minutes = true", "minutes", id="a boolean for a number"),
        pytest.param("minutes = 5", "minutes = 0", "minutes", id="no time at all"),
        pytest.param('title = "Tiny"', 'title = ""', "title", id="an empty title"),
        pytest.param('["greeting people"]', '"greeting people"', "teaches", id="a string for an array"),
        pytest.param('["greeting people"]', "[]", "teaches", id="nothing to teach"),
        pytest.param("dependencies = []", "dependencies = [1]", "dependencies.0", id="a number in an array"),
        pytest.param("services = []", 'services = ["mysql"]', "services.0", id="an unknown service"),
        pytest.param('= "the first greeting"', "= 1", "settings.GREETING", id="a number for a meaning"),
    ],
)
def test_a_manifest_that_does_not_fit_is_one_error_with_file_and_key(course, text, replacement, key):
    course.edit("exercise.toml", text, replacement)

    with pytest.raises(CatalogError) as caught:
        _ = course.exercise

    message = str(caught.value)
    assert message.startswith(f"{course.folder}/exercise.toml: {key}: ")
    assert len(message.splitlines()) == 1


def test_all_that_does_not_fit_is_told_at_once(course):
    course.edit("exercise.toml", "minutes = 5", "minutes = 0\nhours = 1")

    with pytest.raises(CatalogError, match=r"minutes: .*; hours: "):
        _ = course.exercise


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'title = "Tiny', id="a string without an end"),
        pytest.param(b"minutes = 5\nminutes = 6\n", id="a key that stands there twice"),
        pytest.param(b'title = "Tin\xff"', id="bytes that are no UTF-8"),
    ],
)
def test_a_manifest_that_is_no_toml_is_one_error_with_the_file(course, content):
    (course.folder / "exercise.toml").write_bytes(content)

    with pytest.raises(CatalogError) as caught:
        _ = course.exercise

    message = str(caught.value)
    assert message.startswith(f"{course.folder}/exercise.toml is not TOML: ")
    assert len(message.splitlines()) == 1


def test_a_folder_without_manifest_is_one_error_with_the_file(course):
    (course.folder / "exercise.toml").unlink()

    with pytest.raises(CatalogError) as caught:
        _ = course.exercise

    assert str(caught.value) == f"{course.folder}/exercise.toml cannot be read: No such file or directory."


@pytest.mark.parametrize("name", ["tiny", "0_tiny", "00-tiny", "00_Tiny", "00_", "00_1st", "000_tiny"])
def test_a_folder_whose_name_is_no_number_and_package_is_an_error(course, name):
    folder = course.folder.rename(course.root / "scenarios" / name)

    faults = course.catalog.faults

    assert list(faults) == [f"scenarios/{name}"]
    assert faults[f"scenarios/{name}"].startswith(
        f"{folder}: an exercise's folder is called like 00_sticky_notes"
    )


def test_a_section_whose_name_has_no_number_is_an_error(course):
    folder = course.add("curriculum/basics/01_crud_api")

    faults = course.catalog.faults

    assert list(faults) == ["curriculum/basics/01_crud_api"]
    assert faults["curriculum/basics/01_crud_api"].startswith(f"{folder.parent}: ")


def test_one_exercise_that_is_not_in_order_stops_no_other(tracks):
    tracks.write("exercises/01_lead_api/exercise.toml", "minutes = 1\n")

    catalog = tracks.catalog

    assert len(catalog.exercises) == 5
    assert list(catalog.faults) == ["exercises/01_lead_api"]
    assert catalog.find("s0").path == "scenarios/00_tiny"
    with pytest.raises(CatalogError, match=r"01_lead_api/exercise\.toml: title: Field required"):
        catalog.find("lead")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        pytest.param("README.md", lambda exercise: exercise.ticket, id="ticket"),
        pytest.param("hints.md", lambda exercise: exercise.hints, id="hints"),
        pytest.param("mistakes.toml", lambda exercise: exercise.mistakes, id="mistakes"),
        pytest.param("starter", lambda exercise: exercise.starter, id="starter"),
        pytest.param("solution", lambda exercise: exercise.solution, id="solution"),
        pytest.param("tests", lambda exercise: exercise.tests, id="tests"),
    ],
)
def test_a_part_that_is_missing_is_named_with_the_way_to_get_it_back(course, name, read):
    (course.folder / name).rename(course.root / "elsewhere")

    with pytest.raises(CatalogError) as caught:
        read(course.exercise)

    assert str(caught.value).startswith(f"scenarios/00_tiny has no {name}. ")
    assert f"git restore scenarios/00_tiny/{name}" in str(caught.value)


def test_a_mistake_may_say_of_which_kind_it_is(course):
    course.edit("mistakes.toml", 'name = "created"', 'name = "created"\nkind = "media-type"')

    assert [mistake.kind for mistake in course.exercise.mistakes][:2] == [None, Kind.MEDIA_TYPE]


@pytest.mark.parametrize(
    ("text", "replacement", "key"),
    [
        pytest.param('name = "created"', 'kind = "odd"\nname = "created"', "mistake.1.kind", id="kind"),
        pytest.param('name = "created"', 'name = "Created"', "mistake.1.name", id="name"),
        pytest.param('why = "PUT may create."', 'wy = "PUT may create."', "mistake.1.why", id="missing"),
        pytest.param("caught_by = [1]", "caught_by = []", "mistake.0.caught_by", id="caught by nothing"),
        pytest.param("caught_by = [1]", 'caught_by = ["1"]', "mistake.0.caught_by.0", id="a string"),
        pytest.param("text = '\"Hello\"'", "text = ''", "mistake.0.text", id="nothing to replace"),
    ],
)
def test_a_mistake_that_does_not_fit_is_one_error_with_file_and_key(course, text, replacement, key):
    course.edit("mistakes.toml", text, replacement)

    with pytest.raises(CatalogError) as caught:
        _ = course.exercise.mistakes

    assert str(caught.value).startswith(f"{course.folder}/mistakes.toml: {key}: ")


@pytest.mark.parametrize("name", ["tests/test_tiny.py", "tests/words.json"])
def test_a_change_of_what_tests_are_made_of_is_known(course, name):
    exercise = course.exercise
    (course.folder / "tests/words.json").write_text("[]")
    before = (exercise.test_versions(), exercise.tests_digest)

    path = course.folder / name
    path.write_text(path.read_text() + "\n")

    assert exercise.test_versions() != before[0]
    assert exercise.tests_digest != before[1]


def test_a_test_file_that_is_no_python_is_an_error_with_the_file(course):
    course.edit("tests/test_tiny.py", "def test_the_first_greeting_is_hello(fresh_client):", "def test_(")

    with pytest.raises(LadderError, match=r"test_tiny\.py"):
        course.exercise.require_tests_for_criteria()


def test_an_exercise_is_known_by_the_paths_within_it(tracks):
    inside = tracks.root / "curriculum/01_api_basics/03_crud_api/tests/test_crud_api.py"

    found = tracks.catalog.containing(inside)

    assert found is not None
    assert found.path == "curriculum/01_api_basics/03_crud_api"
    assert tracks.catalog.containing(tracks.root / "scenarios") is None


def test_an_app_that_is_there_is_no_error(course):
    course.exercise.starter.require()
    course.exercise.solution.require()


def test_a_folder_that_does_not_exist_holds_no_app(tmp_path):
    with pytest.raises(AppNotFoundError, match=rf"^There is no folder {tmp_path}/nowhere\. "):
        App(tmp_path / "nowhere", "tiny").require()


def test_a_package_of_another_name_is_told_by_its_name(course):
    shutil.move(course.folder / "solution/tiny", course.folder / "solution/huge")

    with pytest.raises(AppNotFoundError, match=r"it holds huge/main\.py: rename the package to tiny\.$"):
        course.exercise.solution.require()


def test_a_package_without_main_is_told_what_to_write(course):
    (course.folder / "solution/tiny/main.py").unlink()

    with pytest.raises(AppNotFoundError, match=r"holds no tiny/main\.py; write the app there"):
        course.exercise.solution.require()
