"""`ladder witness`: an app that differs is told from the reference by the fewest requests; one that does not is not."""

import json
import random

import pytest

from ladder.authoring.witness import Maker, Operation, shorter_sequences
from ladder.course.catalog import WitnessOptions


@pytest.fixture
def copy(course):
    """Put a copy of the reference, with an edit, into a folder of its own."""

    def copy(text="", replacement=""):
        folder = course.root / "other"
        app = course.exercise.solution.copy_to(folder)
        main = app.source / "main.py"
        main.write_text(main.read_text().replace(text, replacement) if text else main.read_text())
        return folder

    return copy


def test_an_app_that_differs_is_told_by_the_fewest_requests(command, copy):
    folder = copy("return said[-1]", "return said[0]")

    run = command.ladder("witness", "s0", "--app", folder, "--seconds", "20")

    assert run.returncode == 1, run.stderr
    *curls, reference, other = run.stdout.splitlines()
    assert [line.split()[4] for line in curls if "-X" in line] == ["PUT"]
    assert curls[-1] == "curl -i -g http://127.0.0.1:8000/greeting"
    assert reference.startswith("Reference: (200, 'application/json', ")
    assert other.startswith("This app:  (200, 'application/json', ")
    assert reference.partition(":")[2].strip() != other.partition(":")[2].strip()


def test_an_app_that_does_not_differ_is_told_with_status_0(command, copy):
    run = command.ladder("witness", "s0", "--app", copy(), "--seconds", "1")

    assert run.returncode == 0, run.stderr
    assert "No difference in " in run.stdout
    assert "That proves nothing." in run.stdout


def test_an_app_that_does_not_start_is_one_sentence(command, copy):
    folder = copy("import", "import nothing_of_that_name\nimport")

    run = command.ladder("witness", "s0", "--app", folder)

    assert run.returncode == 2
    assert "does not start" in run.stderr


DOCUMENT = {
    "paths": {
        "/notes": {
            "get": {"parameters": [{"in": "query", "name": "page", "schema": {"type": "integer"}}]},
            "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/x/Note"}}}}},
        },
        "/notes/{note_id}": {"get": {"parameters": [{"in": "path", "name": "note_id"}]}},
    },
    "components": {
        "schemas": {"Note": {"required": ["title"], "properties": {"title": {"type": "string"}, "due": {}}}}
    },
}


def make(seed):
    """Make a sequence."""
    return Maker(DOCUMENT, 'A `word` and "another".', WitnessOptions(), random.Random(seed)).sequence()  # noqa: S311 - nobody has to guess it


def test_a_seed_brings_the_same_requests_back():
    assert make(1) == make(1)
    assert make(1) != make(2)


def test_every_operation_is_asked_and_the_list_last():
    made = make(1)

    assert {(one.method, one.path) for one in made} == {
        ("GET", "/notes"),
        ("POST", "/notes"),
        ("GET", "/notes/{note_id}"),
    }
    assert made[-1] == Operation("GET", "/notes")


def test_an_id_stands_for_the_one_that_each_app_has_given():
    operation = Operation("GET", "/notes/{note_id}/parts/{part_id}", (1, "a/b"), (("page", "2"),))

    assert operation.target([7, "x y"]) == "/notes/x%20y/parts/a%2Fb?page=2"
    assert operation.target([]) == "/notes/1/parts/a%2Fb?page=2"


def test_sequences_get_shorter_by_requests_and_then_by_fields():
    first, last = Operation("POST", "/notes", body=b'{"a": 1, "b": 2}'), Operation("GET", "/notes")

    halves = list(shorter_sequences([first, first, last], 2))
    ones = list(shorter_sequences([first, last], 1))

    assert halves == [[last]]
    assert ones[0] == [last]
    assert [json.loads(made[0].body) for made in ones[1:]] == [{"b": 2}, {"a": 1}]
