"""The acceptance tests of scenario 1: one for each criterion of the ticket."""

import ast
from datetime import UTC, datetime, timedelta

import pytest

PATH_OPERATIONS = {"get", "post", "put", "patch", "delete", "api_route"}
DATABASE_OPENERS = {"create_engine", "create_async_engine", "open_engine", "sqlite3", "aiosqlite"}


def stick_note(client, **fields):
    """Create a note and give it back; a test that fails here says which answer came."""
    return client.post("/notes", json=fields).raise_for_status().json()


def this_millisecond():
    """Give the present moment as exactly as the ticket asks for it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def stored(files, name):
    """Give the text that a SQLite database file holds, and its write-ahead log beside it; nothing if it is none."""
    content = files.read(name) + files.read(f"{name}-wal")
    return content.decode(errors="replace") if content.startswith(b"SQLite format 3") else ""


def modules_with(is_wanted, package):
    """Give the names of a package's modules, and of the packages within it, whose source has such a node."""
    return sorted(
        {
            path.relative_to(package).parts[0].removesuffix(".py")
            for path in package.rglob("*.py")
            if any(map(is_wanted, ast.walk(ast.parse(path.read_bytes()))))
        }
    )


def is_path_operation(node):
    """Say whether this is something like `@router.get("")` above a function, or a call of `add_api_route`."""
    decorators = [getattr(decorator, "func", None) for decorator in getattr(node, "decorator_list", [])]
    known = any(getattr(decorator, "attr", None) in PATH_OPERATIONS for decorator in decorators)
    return known or getattr(node, "attr", None) == "add_api_route"


def is_class(node):
    return isinstance(node, ast.ClassDef)


def is_table(node):
    """Say whether this is a class for a table, in the manner of SQLModel or of SQLAlchemy."""
    if not is_class(node):
        return False
    names = {getattr(inner, "id", getattr(inner, "attr", None)) for inner in ast.walk(node)}
    return "table=True" in map(ast.unparse, node.keywords) or bool(names & {"__tablename__", "mapped_column"})


def opens_database(node):
    """Say whether this names what opens a database, in an import or elsewhere."""
    return any(getattr(node, field, None) in DATABASE_OPENERS for field in ("id", "attr", "name", "module"))


@pytest.fixture
def note(client, values):
    return stick_note(client, title=values.text(), content=values.text())


def test_a_new_note_is_answered_with_201_and_the_note(client, values):
    sent = {"title": values.text(), "content": f"  {values.text()} ☕\n"}

    response = client.post("/notes", json=sent)

    assert response.status_code == 201
    note = response.json()
    assert note == {"id": note["id"], **sent, "created_at": note["created_at"]}
    assert type(note["id"]) is int
    assert type(note["created_at"]) is str


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"content": "Two litres"}', id="no title"),
        pytest.param(b'{"title": "Milk"}', id="no content"),
        pytest.param(b'{"title": "", "content": "Two litres"}', id="empty title"),
        pytest.param(b'{"title": " \\t\\n", "content": "Two litres"}', id="blank title"),
        pytest.param(b'{"title": "Milk", "content": ""}', id="empty content"),
        pytest.param(b'{"title": "Milk", "content": "  "}', id="blank content"),
        pytest.param(b'{"title": null, "content": "Two litres"}', id="title is null"),
        pytest.param(b'{"title": "Milk", "content": 2}', id="content is a number"),
        pytest.param(b'["Milk", "Two litres"]', id="an array"),
        pytest.param(b'{"title": "Milk", ', id="not JSON"),
    ],
)
def test_a_payload_that_is_not_valid_is_422_and_changes_nothing(client, note, payload):
    before = client.get("/notes").raise_for_status().json()

    response = client.post("/notes", content=payload, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert client.get("/notes").json() == before
    assert note in before


def test_without_notes_the_list_is_empty(fresh_client):
    response = fresh_client.get("/notes")

    assert response.status_code == 200
    assert response.json() == []


def test_all_notes_are_listed_the_oldest_first(client, values):
    stuck = [stick_note(client, title=values.text(), content=values.text()) for _ in range(3)]

    response = client.get("/notes")

    assert response.status_code == 200
    assert response.json()[-3:] == stuck


def test_a_note_can_be_read_by_its_id(client, values):
    first, second = (stick_note(client, title=values.text(), content=values.text()) for _ in range(2))

    response = client.get(f"/notes/{first['id']}")

    assert response.status_code == 200
    assert response.json() == first
    assert client.get(f"/notes/{second['id']}").json() == second


def test_a_note_that_never_was_is_not_found(client, note):
    response = client.get(f"/notes/{note['id'] + 1000}")

    assert response.status_code == 404
    assert client.get(f"/notes/{note['id']}").json() == note


def test_deleting_a_note_is_answered_with_204_and_no_body(client, note):
    response = client.delete(f"/notes/{note['id']}")

    assert response.status_code == 204
    assert response.content == b""


def test_a_deleted_note_is_not_found(client, note):
    assert client.get(f"/notes/{note['id']}").json() == note
    client.delete(f"/notes/{note['id']}")

    response = client.get(f"/notes/{note['id']}")

    assert response.status_code == 404


def test_a_deleted_note_leaves_the_list_and_the_others_stay(client, values):
    unwanted, wanted = (stick_note(client, title=values.text(), content=values.text()) for _ in range(2))
    before = client.get("/notes").raise_for_status().json()

    client.delete(f"/notes/{unwanted['id']}")

    assert unwanted in before
    assert wanted in before
    assert client.get("/notes").json() == [note for note in before if note != unwanted]


def test_a_note_cannot_be_deleted_twice(client, note):
    client.delete(f"/notes/{note['id']}").raise_for_status()

    response = client.delete(f"/notes/{note['id']}")

    assert response.status_code == 404


def test_the_id_of_a_deleted_note_is_not_used_again(client, note, values):
    client.delete(f"/notes/{note['id']}").raise_for_status()

    new = stick_note(client, title=values.text(), content=values.text())

    assert new["id"] != note["id"]
    assert client.get(f"/notes/{note['id']}").status_code == 404


def test_two_hundred_notes_at_once_are_all_kept_each_with_its_own_id(client, values, at_once):
    title = values.text()

    stuck = at_once(200, lambda number: stick_note(client, title=title, content=str(number)))

    assert [note["content"] for note in stuck] == [str(number) for number in range(200)]
    assert len({note["id"] for note in stuck}) == 200
    kept = [note for note in client.get("/notes").json() if note["title"] == title]
    assert sorted(kept, key=lambda note: note["id"]) == sorted(stuck, key=lambda note: note["id"])


@pytest.mark.usefixtures("note")  # an earlier note: the start of the server is another moment
def test_created_at_is_the_moment_of_creation_in_utc_with_an_offset(client, values):
    before = this_millisecond()

    note = stick_note(client, title=values.text(), content=values.text())

    created_at = datetime.fromisoformat(note["created_at"])
    assert created_at.utcoffset() == timedelta(0)
    assert before <= created_at <= datetime.now(UTC)


def test_an_id_or_created_at_that_a_client_sends_is_ignored(client, values):
    sent = {"title": values.text(), "content": values.text()}
    chosen_id = values.randrange(10**9, 2 * 10**9)

    note = stick_note(client, **sent, id=chosen_id, created_at="2001-06-15T12:00:00Z")

    assert note == {"id": note["id"], **sent, "created_at": note["created_at"]}
    assert note["id"] != chosen_id
    assert not note["created_at"].startswith("2001")


def test_created_at_stays_the_same_on_later_reads_and_after_a_restart(launch, values):
    server = launch()
    note = stick_note(server.client, title=values.text(), content=values.text())
    read = server.client.get(f"/notes/{note['id']}").json()

    server.restart()

    assert read["created_at"] == note["created_at"]
    assert server.client.get(f"/notes/{note['id']}").json()["created_at"] == note["created_at"]


def test_a_restart_forgets_no_note(launch, values):
    server = launch()
    notes = [stick_note(server.client, title=values.text(), content=values.text()) for _ in range(3)]
    before = server.client.get("/notes").raise_for_status().json()

    server.restart()

    assert server.client.get("/notes").json() == before
    assert sorted(before, key=lambda note: note["id"]) == sorted(notes, key=lambda note: note["id"])


def test_a_killed_process_forgets_no_note_that_was_answered_with_201(launch, values):
    server = launch()
    note = stick_note(server.client, title=values.text(), content=values.text())

    server.kill()

    assert server.client.get(f"/notes/{note['id']}").json() == note


def test_a_deleted_note_stays_deleted_after_a_restart(launch, values):
    server = launch()
    unwanted, wanted = (
        stick_note(server.client, title=values.text(), content=values.text()) for _ in range(2)
    )
    server.client.delete(f"/notes/{unwanted['id']}").raise_for_status()

    server.restart()

    assert server.client.get(f"/notes/{unwanted['id']}").status_code == 404
    assert server.client.get("/notes").json() == [wanted]


def test_the_id_of_a_deleted_note_is_not_used_again_not_even_after_a_restart(launch, values):
    server = launch()
    kept, deleted = (stick_note(server.client, title=values.text(), content=values.text()) for _ in range(2))
    server.client.delete(f"/notes/{deleted['id']}").raise_for_status()
    server.restart()

    new = stick_note(server.client, title=values.text(), content=values.text())

    assert new["id"] not in [kept["id"], deleted["id"]]
    assert server.client.get(f"/notes/{deleted['id']}").status_code == 404
    assert server.client.get(f"/notes/{kept['id']}").json() == kept


def test_notes_are_kept_in_the_sqlite_file_that_database_url_names(launch, values):
    title = values.text()
    server = launch(DATABASE_URL="sqlite:///elsewhere.db")

    stick_note(server.client, title=title, content=values.text())

    assert title in stored(server.files, "elsewhere.db")


def test_without_database_url_notes_are_kept_in_notes_db_beside_the_process(launch, values):
    title = values.text()
    server = launch()

    stick_note(server.client, title=title, content=values.text())

    assert title in stored(server.files, "notes.db")


def test_routes_models_and_database_are_kept_apart(launch):
    package = launch().source

    found = {
        "path operations": modules_with(is_path_operation, package),
        "classes in models": [name for name in modules_with(is_class, package) if name == "models"],
        "tables elsewhere": [name for name in modules_with(is_table, package) if name != "models"],
        "what opens the database": modules_with(opens_database, package),
    }

    assert found == {
        "path operations": ["routes"],
        "classes in models": ["models"],
        "tables elsewhere": [],
        "what opens the database": ["database"],
    }
