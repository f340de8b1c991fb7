"""The acceptance tests of scenario 0: one for each criterion of the ticket."""

import json

import pytest

JSON = "application/json"
AS_JSON = {"Content-Type": JSON}
RARE_BLANKS = "\u0085\u1680\u202f\u205f"
VALID = b'{"title": "Milk", "content": "Two litres"}'


def stick_note(client, **fields):
    """Create a note and return it; a test that fails here says which status it got."""
    return client.post("/notes", json=fields).raise_for_status().json()


def list_notes(client):
    """Return all notes."""
    return client.get("/notes").raise_for_status().json()


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def by_id(notes):
    """Sort notes by their ids."""
    return sorted(notes, key=lambda note: note["id"])


@pytest.fixture
def note(client, values):
    return stick_note(client, title=values.text(), content=values.text())


@pytest.fixture
def ten_notes(client):
    """Create ten notes: the ids after them are sorted differently as numbers and as strings."""
    return [stick_note(client, title="Earlier", content=str(number)) for number in range(10)]


@pytest.fixture
def three_notes(client, values):
    """Create three notes whose titles and contents are in another order than the notes, upwards and downwards."""
    return [
        stick_note(client, title=f"m {values.text()}", content=f"2 {values.text()}"),
        stick_note(client, title=f"z {values.text()}", content=f"1 {values.text()}"),
        stick_note(client, title=f"a {values.text()}", content=f"3 {values.text()}"),
    ]


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "Application/JSON"])
def test_a_new_note_is_returned_with_201_and_its_id(client, values, content_type):
    sent = {"title": values.text(), "content": values.text()}

    response = client.post("/notes", json=sent, headers={"Content-Type": content_type})

    assert response.status_code == 201
    assert media_type(response) == JSON
    note = response.json()
    assert note == {"id": note["id"], **sent}
    assert type(note["id"]) is int
    assert note["id"] > 0


@pytest.mark.parametrize(
    ("payload", "headers"),
    [
        pytest.param(b'{"content": "Two litres"}', AS_JSON, id="no title"),
        pytest.param(b'{"title": "Milk"}', AS_JSON, id="no content"),
        pytest.param(b'{"title": null, "content": "Two litres"}', AS_JSON, id="title is null"),
        pytest.param(b'{"title": "Milk", "content": null}', AS_JSON, id="content is null"),
        pytest.param(b'{"title": 2, "content": "Two litres"}', AS_JSON, id="title is a number"),
        pytest.param(b'{"title": "Milk", "content": 2}', AS_JSON, id="content is a number"),
        pytest.param(b'{"title": true, "content": "Two litres"}', AS_JSON, id="title is a boolean"),
        pytest.param(b'{"title": "Milk", "content": true}', AS_JSON, id="content is a boolean"),
        pytest.param(b'{"title": ["Milk"], "content": "Two litres"}', AS_JSON, id="title is an array"),
        pytest.param(b'{"title": "Milk", "content": {"text": "2"}}', AS_JSON, id="content is an object"),
        pytest.param(b'{"title": "Milk", "content": ["Two", "litres"]}', AS_JSON, id="content is an array"),
        pytest.param(b'{"Title": "Milk", "CONTENT": "Two litres"}', AS_JSON, id="names in capitals"),
        pytest.param(b'{"note": %b}' % VALID, AS_JSON, id="a note within an object"),
        pytest.param(b"[%b]" % VALID, AS_JSON, id="an array of notes"),
        pytest.param(b'["Milk", "Two litres"]', AS_JSON, id="an array"),
        pytest.param(json.dumps(VALID.decode()).encode(), AS_JSON, id="a note within a string"),
        pytest.param(b'"Milk"', AS_JSON, id="a string"),
        pytest.param(b"null", AS_JSON, id="null"),
        pytest.param(b"", AS_JSON, id="no body"),
        pytest.param(VALID[:-1], AS_JSON, id="not JSON: no brace at the end"),
        pytest.param(VALID, {}, id="sent as nothing"),
        pytest.param(VALID, {"Content-Type": "text/plain"}, id="sent as text"),
        pytest.param(VALID, {"Content-Type": "text/json"}, id="sent as text in JSON"),
        pytest.param(
            b"title=Milk&content=Two+litres",
            {"Content-Type": "application/x-www-form-urlencoded"},
            id="a form",
        ),
    ],
)
def test_a_payload_that_is_not_valid_is_422_and_changes_nothing(client, note, payload, headers):
    before = list_notes(client)

    response = client.post("/notes", content=payload, headers=headers)

    assert response.status_code == 422
    assert list_notes(client) == before
    assert note in before
    assert client.post("/notes", params={"title": "Milk", "content": "Two litres"}).status_code == 422


def test_without_notes_the_list_is_empty(fresh_client):
    response = fresh_client.get("/notes")

    assert response.status_code == 200
    assert response.json() == []


@pytest.mark.usefixtures("ten_notes")
def test_all_notes_are_listed_the_oldest_first(client, three_notes):
    response = client.get("/notes")

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json()[-3:] == three_notes


def test_a_note_can_be_read_by_its_id(client, three_notes):
    oldest, middle, newest = three_notes
    before = list_notes(client)

    response = client.get(f"/notes/{oldest['id']}")

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == oldest
    assert client.get(f"/notes/{newest['id']}").json() == newest
    assert client.get(f"/notes/{middle['id']}").json() == middle
    assert list_notes(client) == before


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_that_no_note_has_is_404(client, note, method, unknown_id):
    before = list_notes(client)

    response = client.request(method, f"/notes/{unknown_id}")

    assert response.status_code == 404
    assert list_notes(client) == before
    assert client.get(f"/notes/{note['id']}").json() == note
    assert client.request(method, f"/notes/{note['id'] + 2**64}").status_code == 404
    assert client.request(method, f"/notes/{10**400}").status_code == 404


def test_deleting_a_note_returns_204_and_no_body(client, note):
    response = client.delete(f"/notes/{note['id']}")

    assert response.status_code == 204
    assert response.content == b""


def test_a_deleted_note_is_not_found(client, note):
    assert client.get(f"/notes/{note['id']}").json() == note
    client.delete(f"/notes/{note['id']}")

    response = client.get(f"/notes/{note['id']}")

    assert response.status_code == 404


@pytest.mark.parametrize("place", [pytest.param(0, id="the oldest"), 1, pytest.param(2, id="the newest")])
def test_a_deleted_note_leaves_the_list_and_the_others_stay(client, three_notes, place):
    unwanted = three_notes.pop(place)
    twin = {"title": unwanted["title"], "content": unwanted["content"]}
    client.post("/notes", json=twin)  # stays, too, where equal notes are different notes
    before = list_notes(client)

    client.delete(f"/notes/{unwanted['id']}")

    assert unwanted in before
    assert list_notes(client) == [note for note in before if note["id"] != unwanted["id"]]
    assert client.get(f"/notes/{three_notes[0]['id']}").json() == three_notes[0]
    assert client.get(f"/notes/{three_notes[1]['id']}").json() == three_notes[1]


def test_a_note_cannot_be_deleted_twice(client, three_notes):
    oldest = three_notes[0]
    client.delete(f"/notes/{oldest['id']}").raise_for_status()
    before = list_notes(client)

    response = client.delete(f"/notes/{oldest['id']}")

    assert response.status_code == 404
    assert list_notes(client) == before
    assert three_notes[1] in before


@pytest.mark.parametrize("places", [[0], [1], [0, 1]], ids=["the older of two", "the newer of two", "both"])
def test_the_id_of_a_deleted_note_is_not_used_again(fresh_client, at_once, values, places):
    notes = [
        stick_note(fresh_client, title=values.text(), content=values.text()),
        stick_note(fresh_client, title=values.text(), content=values.text()),
    ]
    paths = [f"/notes/{notes[place]['id']}" for place in places]
    at_once(len(paths), lambda number: fresh_client.delete(paths[number]).raise_for_status())
    deleted = notes[places[-1]]

    new = stick_note(fresh_client, title=deleted["title"], content=deleted["content"])

    assert new["id"] not in [note["id"] for note in notes]
    assert fresh_client.get(paths[0]).status_code == 404


def test_two_hundred_notes_at_once_are_all_kept_each_with_its_own_id(client, values, race):
    title = values.text()

    stuck = race(200, lambda number: stick_note(client, title=title, content=str(number)))

    assert [note["content"] for note in stuck] == [str(number) for number in range(200)]
    assert len({note["id"] for note in stuck}) == 200
    assert by_id(note for note in list_notes(client) if note["title"] == title) == by_id(stuck)


def test_a_restart_forgets_all_notes(launch, values):
    server = launch()
    note = stick_note(server.client, title=values.text(), content=values.text())
    assert server.client.get("/notes").json() == [note]

    server.restart(warm=True)

    assert server.client.get("/notes").json() == []


def test_title_and_content_are_kept_as_sent(client, kept_text):
    sent = {"title": kept_text, "content": kept_text}

    note = stick_note(client, **sent)

    assert note == {"id": note["id"], **sent}
    assert client.get(f"/notes/{note['id']}").json() == note
    assert note in list_notes(client)


@pytest.mark.parametrize("field", ["title", "content"])
def test_a_title_or_content_that_is_blank_is_422(client, note, field, blank_text):
    before = list_notes(client)

    response = client.post("/notes", json={"title": "Milk", "content": "Two litres", field: blank_text})

    assert response.status_code == 422
    assert (
        client.post("/notes", json={"title": "Milk", "content": "2", field: RARE_BLANKS}).status_code == 422
    )
    assert list_notes(client) == before
    assert note in before


@pytest.mark.parametrize(
    ("title", "content"),
    [
        pytest.param("?", "!", id="a sign"),
        pytest.param("\0", "\0", id="a NUL"),
        pytest.param("\u200b", "\ufeff", id="a zero width space, a byte order mark"),
        pytest.param("?" * 100_001, "!" * 100_001, id="100,001 signs"),
    ],
)
def test_one_character_is_enough_and_100_000_are_not_too_many(client, title, content):
    sent = {"title": title, "content": content}

    note = stick_note(client, **sent)

    assert note == {"id": note["id"], **sent}
    assert client.get(f"/notes/{note['id']}").json() == note
    assert note in list_notes(client)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"content": "Three litres"}, id="the content"),
        pytest.param({"title": "Bread"}, id="the title"),
        pytest.param({"title": "MILK"}, id="capitals"),
        pytest.param({"title": " Milk"}, id="a blank"),
        pytest.param({"title": "\ufeffMilk"}, id="a byte order mark"),
        pytest.param({"title": "Milk%20%26%20bread"}, id="percent signs"),
        pytest.param({"content": "Two\x01\x07 litres\x1b\x7f"}, id="control characters"),
        pytest.param({"content": "Two litres\0"}, id="a NUL"),
    ],
)
def test_similar_and_equal_notes_are_different_notes(client, other):
    sent = {"title": "Milk", "content": "Two litres"}
    first = stick_note(client, **sent)

    second = stick_note(client, **(sent | other))

    assert second == {"id": second["id"], **(sent | other)}
    assert second["id"] != first["id"]
    assert first in list_notes(client)
    assert second in list_notes(client)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(lambda note: {"id": note["id"]}, id="an id that is taken"),
        pytest.param(lambda note: {"id": note["id"] + 10**6}, id="an id that is free"),
        pytest.param(lambda _: {"id": -1}, id="a negative id"),
        pytest.param(lambda _: {"id": "first"}, id="an id that is no number"),
        pytest.param(lambda _: {"id": None}, id="an id that is null"),
        pytest.param(lambda _: {"colour": "yellow"}, id="another field"),
    ],
)
def test_other_fields_of_a_payload_are_ignored(client, note, values, more):
    sent = {"title": values.text(), "content": values.text()}
    others = more(note)

    new = stick_note(client, **(others | sent))

    assert new == {"id": new["id"], **sent}
    assert new["id"] not in [note["id"], others.get("id")]
    assert note in list_notes(client)
    assert new in list_notes(client)


def test_of_fifty_requests_at_once_to_delete_a_note_exactly_one_gets_204(client, three_notes, race):
    before = list_notes(client)
    unwanted = three_notes[0]

    answers = race(50, lambda _: client.delete(f"/notes/{unwanted['id']}"))

    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 49
    assert unwanted in before
    assert list_notes(client) == [note for note in before if note["id"] != unwanted["id"]]


def test_a_list_of_more_than_a_thousand_notes_is_complete(client, values, at_once):
    title = values.text()
    stuck = at_once(1_100, lambda number: stick_note(client, title=title, content=str(number)))

    response = client.get("/notes")

    assert by_id(note for note in response.json() if note["title"] == title) == by_id(stuck)


def test_notes_can_be_listed_and_read_while_others_are_created_and_deleted(client, note, race):
    going = [stick_note(client, title="Going", content=str(number)) for number in range(10)]
    requests = [
        *(("GET", f"/notes/{one['id']}", None) for one in going),
        *[("GET", "/notes", None)] * 10,
        *(("DELETE", f"/notes/{one['id']}", None) for one in going),
        *(("POST", "/notes", {"title": "Coming", "content": str(number)}) for number in range(10)),
    ]

    answers = race(40, lambda number: client.request(*requests[number][:2], json=requests[number][2]))

    assert {answer.status_code for answer in answers[:10]} <= {200, 404}  # before its deletion, or after it
    assert [answer.is_success for answer in answers[10:]] == [True] * 30
    assert [note in answer.json() for answer in answers[10:20]] == [True] * 10
