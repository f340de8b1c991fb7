"""The acceptance tests of scenario 0: one for each criterion of the ticket."""

import pytest


def stick_note(client, **fields):
    """Create a note and give it back; a test that fails here says which answer came."""
    return client.post("/notes", json=fields).raise_for_status().json()


@pytest.fixture
def note(client, values):
    return stick_note(client, title=values.text(), content=values.text())


def test_a_new_note_is_answered_with_201_and_the_note(client, values):
    sent = {"title": values.text(), "content": f"  {values.text()} ☕\n"}

    response = client.post("/notes", json=sent)

    assert response.status_code == 201
    note = response.json()
    assert note == {"id": note["id"], **sent}
    assert type(note["id"]) is int


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


def test_a_restart_forgets_all_notes(launch, values):
    server = launch()
    note = stick_note(server.client, title=values.text(), content=values.text())
    assert server.client.get("/notes").json() == [note]

    server.restart()

    assert server.client.get("/notes").json() == []
