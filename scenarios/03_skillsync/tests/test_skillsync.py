"""The acceptance tests of scenario 3: one for each criterion of the ticket."""

import json
from datetime import UTC, datetime, timedelta

import pytest


def create_user(client, name="Ada"):
    """Create a user and return it."""
    return client.post("/users", json={"name": name}).raise_for_status().json()


def create_challenge(client, designer, **fields):
    """Create a challenge, with defaults for what a test does not care about, and return it."""
    fields = CHALLENGE | {"designer_id": designer["id"]} | fields
    return client.post("/challenges", json=fields).raise_for_status().json()


def create_challenges(client, designer, *fields, **common):
    """Create a challenge for each of some fields, in their order, and return them."""
    return [create_challenge(client, designer, **common | one) for one in fields]


def complete_all(client, user, challenges):
    """Complete some challenges as a user."""
    for challenge in challenges:
        complete(client, user, challenge)


def create_path(client, *challenges, title="First steps"):
    """Create a path of these challenges and return it."""
    fields = {"title": title, "description": "Where to begin", "challenge_ids": ids(challenges)}
    return client.post("/paths", json=fields).raise_for_status().json()


def enrol(client, user, path):
    """Enrol a user in a path."""
    return client.put(f"/paths/{path['id']}/enrolments/{user['id']}").raise_for_status()


def enrol_in_all(client, user, paths):
    """Enrol a user in some paths."""
    for path in paths:
        enrol(client, user, path)


def complete(client, user, challenge):
    """Complete a challenge as a user."""
    return client.put(f"/challenges/{challenge['id']}/completions/{user['id']}").raise_for_status()


def rate(client, user, challenge, stars):
    """Rate a challenge as a user."""
    path = f"/challenges/{challenge['id']}/ratings/{user['id']}"
    return client.put(path, json={"stars": stars}).raise_for_status()


def comment(client, user, challenge, text):
    """Comment on a challenge as a user, and return the entry."""
    fields = {"user_id": user["id"], "text": text}
    return client.post(f"/challenges/{challenge['id']}/comments", json=fields).raise_for_status().json()


def change(client, challenge, **fields):
    """Change a challenge and return it."""
    return client.patch(f"/challenges/{challenge['id']}", json=fields).raise_for_status().json()


def read_challenge(client, challenge):
    """Return a challenge as it is now."""
    return client.get(f"/challenges/{challenge['id']}").raise_for_status().json()


def read_progress(client, user):
    """Return the progress of a user on each path."""
    return client.get(f"/users/{user['id']}/progress").raise_for_status().json()["paths"]


def feedback_on(client, challenge, **query):
    """Return a page of the feedback on a challenge."""
    return client.get(f"/challenges/{challenge['id']}/feedback", params=query).raise_for_status().json()


def browse(client, **query):
    """Return a page of challenges."""
    return client.get("/challenges", params=query).raise_for_status().json()


def total(client, url):
    """Return how much there is of something."""
    return client.get(url).raise_for_status().json()["total"]


def leave_comments(client, user, challenge, count):
    """Comment on a challenge so many times, and return the entries, the newest first."""
    return [comment(client, user, challenge, str(number)) for number in range(count)][::-1]


def fill(template, **names):
    """Return a template with its names filled in: a text, or an array or an object of templates."""
    if isinstance(template, str):
        return template.format(**names)
    if isinstance(template, list):
        return [fill(item, **names) for item in template]
    if isinstance(template, dict):
        return {name: fill(value, **names) for name, value in template.items()}
    return template


def create_alike(client, at_once, count):
    """Create so many challenges, and return their designer and them."""
    user = create_user(client)
    fields = [{"tags": ["Python", "Rust"]}] * (count // 20)
    created = at_once(20, lambda _: create_challenges(client, user, *fields))
    return user, [challenge for some in created for challenge in some]


def cpu_ratio(server, call, other_server, other_call):
    """Return how many times the CPU time of one call another one takes: the least of nine, measured in turns."""
    costs = [
        (server.cpu_seconds(call, rounds=1), other_server.cpu_seconds(other_call, rounds=1)) for _ in range(9)
    ]
    return min(other for _, other in costs) / min(one for one, _ in costs)


def growth(few, many, **query):
    """Return how many times the CPU time of one server another takes for the same page of challenges."""
    return cpu_ratio(few, lambda: browse(few.client, **query), many, lambda: browse(many.client, **query))


def ids(items):
    """Return the ids of some items, in their order."""
    return [item["id"] for item in items]


CHALLENGE = {
    "title": "Fizz buzz",
    "description": "Count, with a twist",
    "difficulty": "beginner",
    "topic": "Basics",
    "tags": ["Python"],
}
JSON = {"Content-Type": "application/json"}
ABSENT = object()
"""What stands for a field that is not sent."""


def new_user(_client):
    """Return the address and the payload of the ticket's example for a user."""
    return "/users", {"name": "Ada"}


def new_challenge(client):
    """Return the address and the payload of the ticket's example for a challenge; its designer exists."""
    return "/challenges", CHALLENGE | {"designer_id": create_user(client)["id"]}


def new_path(client):
    """Return the address and the payload of the ticket's example for a path; its challenge exists."""
    challenge = create_challenge(client, create_user(client))
    fields = {"title": "First steps", "description": "Where to begin", "challenge_ids": [challenge["id"]]}
    return "/paths", fields


def new_comment(client):
    """Return the address and the payload of the ticket's example for a comment; its challenge and user exist."""
    user = create_user(client)
    challenge = create_challenge(client, user)
    return f"/challenges/{challenge['id']}/comments", {"user_id": user["id"], "text": "The twist is nice"}


TEXTS = [
    *[(new_user, "name"), (new_path, "title"), (new_path, "description"), (new_comment, "text")],
    *[(new_challenge, field) for field in ("title", "description", "topic", "tags")],
]
"""Each text that a client sends to create something."""


@pytest.fixture
def user(client, values):
    return create_user(client, values.text())


@pytest.fixture
def challenge(client, user, values):
    return create_challenge(client, user, title=values.text(), tags=[values.text()])


@pytest.fixture
def path(client, challenge):
    return create_path(client, challenge)


@pytest.mark.parametrize(
    ("make_new", "absent", "added"),
    [
        pytest.param(new_user, None, {}, id="user"),
        pytest.param(new_challenge, None, {"completions": 0, "viewer": None}, id="challenge"),
        pytest.param(
            new_challenge, "tags", {"tags": [], "completions": 0, "viewer": None}, id="challenge without tags"
        ),
        pytest.param(new_path, None, {}, id="path"),
        pytest.param(new_path, "challenge_ids", {"challenge_ids": []}, id="path without challenges"),
    ],
)
def test_what_is_created_is_answered_with_201_and_can_be_read_by_its_id(client, make_new, absent, added):
    url, fields = make_new(client)
    fields = {name: value for name, value in fields.items() if name != absent}

    response = client.post(url, json=fields)

    assert response.status_code == 201
    created = response.json()
    assert created == fields | added | {"id": created["id"], "created_at": created["created_at"]}
    assert type(created["id"]) is int
    client.post(url, json=fields).raise_for_status()
    response = client.get(f"{url}/{created['id']}")
    assert response.status_code == 200
    assert response.json() == created


def test_text_is_kept_as_it_was_sent(client, kept_text):
    texts = {"title": kept_text, "description": kept_text, "topic": kept_text, "tags": [kept_text]}
    user, long_text = create_user(client, kept_text), kept_text * 7
    challenge = create_challenge(client, user, **texts)
    longer = create_challenge(client, create_user(client, long_text), description=long_text)
    path = {"title": kept_text, "description": kept_text, "challenge_ids": [challenge["id"]]}
    path = client.post("/paths", json=path).raise_for_status().json()
    entries = [comment(client, user, challenge, kept_text), comment(client, user, challenge, long_text)]
    enrol(client, user, path)

    changed = change(client, create_challenge(client, user), **texts)

    assert client.get(f"/users/{user['id']}").json()["name"] == kept_text
    assert read_challenge(client, challenge) == challenge | texts
    assert read_challenge(client, longer) == longer | {"description": long_text}
    assert read_challenge(client, changed) == changed | texts
    kept_path = client.get(f"/paths/{path['id']}").json()
    assert kept_path == path | {"title": kept_text, "description": kept_text}
    assert feedback_on(client, challenge)["items"] == [
        entries[1] | {"text": long_text},
        entries[0] | {"text": kept_text},
    ]
    [progress] = read_progress(client, user)
    remaining = [{"id": challenge["id"], "title": kept_text}]
    assert [progress["title"], progress["remaining"]] == [kept_text, remaining]


def test_a_path_keeps_its_challenges_in_their_order(client, user):
    first, second, third = create_challenges(client, user, {"title": "c"}, {"title": "a"}, {"title": "b"})
    fields = {"title": "Steps", "description": "Some", "challenge_ids": ids([second, third, first])}

    response = client.post("/paths", json=fields)

    assert response.status_code == 201
    path = response.json()
    assert path == {"id": path["id"], **fields, "created_at": path["created_at"]}
    assert client.get(f"/paths/{path['id']}").json() == path
    assert client.get("/paths", params={"size": 100}).json()["items"][-1] == path


def test_a_path_has_at_most_100_challenges_each_once(client, user, values, at_once):
    challenges = at_once(101, lambda _: create_challenge(client, user))
    values.shuffle(challenges)
    fields = {"title": "The long way", "description": "All of it", "challenge_ids": ids(challenges)}
    before = total(client, "/paths")

    response = client.post("/paths", json=fields)

    assert response.status_code == 422
    response = client.post("/paths", json=fields | {"challenge_ids": ids([*challenges[:2], challenges[0]])})
    assert response.status_code == 422
    assert total(client, "/paths") == before
    response = client.post("/paths", json=fields | {"challenge_ids": ids(challenges[:100])})
    assert response.status_code == 201
    assert client.get(f"/paths/{response.json()['id']}").json()["challenge_ids"] == ids(challenges[:100])


TAGS = [f"Tag {number}" for number in range(21)]


@pytest.mark.parametrize(
    ("tags", "statuses"),
    [
        pytest.param(TAGS[:20], [201, 200], id="20 tags"),
        pytest.param(TAGS, [422, 422], id="21 tags"),
        pytest.param([*TAGS[:20], "tag 0"], [422, 422], id="21 tags of which two are equal"),
    ],
)
def test_a_challenge_has_at_most_20_tags(client, user, challenge, tags, statuses):
    kept = {201: tags, 422: challenge["tags"]}[statuses[0]]

    created = client.post("/challenges", json=CHALLENGE | {"tags": tags, "designer_id": user["id"]})
    changed = client.patch(f"/challenges/{challenge['id']}", json={"tags": tags})

    assert [created.status_code, changed.status_code] == statuses
    assert read_challenge(client, challenge) == challenge | {"tags": kept}


@pytest.mark.parametrize(
    ("make_new", "field", "value"),
    [
        pytest.param(new_user, "name", ABSENT, id="no name"),
        pytest.param(new_user, "name", None, id="name is null"),
        pytest.param(new_user, "name", 5, id="name is a number"),
        pytest.param(new_user, "name", "\ud800", id="name is half of a surrogate pair"),
        pytest.param(new_challenge, "title", ABSENT, id="no title"),
        pytest.param(new_challenge, "title", ["Loops"], id="title is an array"),
        pytest.param(new_challenge, "description", ABSENT, id="no description"),
        pytest.param(new_challenge, "description", None, id="description is null"),
        pytest.param(new_challenge, "difficulty", ABSENT, id="no difficulty"),
        pytest.param(new_challenge, "difficulty", "hard", id="unknown difficulty"),
        pytest.param(new_challenge, "difficulty", "Beginner", id="difficulty with a capital"),
        pytest.param(new_challenge, "topic", ABSENT, id="no topic"),
        pytest.param(new_challenge, "topic", None, id="topic is null"),
        pytest.param(new_challenge, "topic", 5, id="topic is a number"),
        pytest.param(new_challenge, "tags", None, id="tags are null"),
        pytest.param(new_challenge, "tags", "Python", id="tags are a string"),
        pytest.param(new_challenge, "tags", ["Python", 3], id="a tag is a number"),
        pytest.param(new_challenge, "designer_id", ABSENT, id="no designer"),
        pytest.param(new_challenge, "designer_id", "Ada", id="designer is a name"),
        pytest.param(new_challenge, "designer_id", float("nan"), id="designer is NaN"),
        pytest.param(new_path, "title", ABSENT, id="no title of a path"),
        pytest.param(new_path, "title", 2048, id="title of a path is a number"),
        pytest.param(new_path, "description", ABSENT, id="no description of a path"),
        pytest.param(new_path, "description", None, id="description of a path is null"),
        pytest.param(new_path, "challenge_ids", None, id="challenges are null"),
        pytest.param(new_path, "challenge_ids", "all", id="challenges are a string"),
        pytest.param(new_comment, "text", ABSENT, id="no text"),
        pytest.param(new_comment, "text", None, id="text is null"),
        pytest.param(new_comment, "text", 5, id="text is a number"),
        pytest.param(new_comment, "user_id", ABSENT, id="nobody comments"),
    ],
)
def test_a_payload_that_is_not_valid_is_422_and_creates_nothing(client, make_new, field, value):
    url, valid = make_new(client)
    listed = url.replace("comments", "feedback")
    before = total(client, listed)
    wrong = {name: sent for name, sent in (valid | {field: value}).items() if sent is not ABSENT}

    response = client.post(url, content=json.dumps(wrong), headers=JSON)

    assert response.status_code == 422
    assert total(client, listed) == before


@pytest.mark.parametrize(
    ("make_new", "field"), TEXTS, ids=[f"{make_new.__name__} {field}" for make_new, field in TEXTS]
)
def test_blank_text_is_422(client, make_new, field, blank_text):
    url, valid = make_new(client)
    blank = {"tags": ["Python", blank_text]}.get(field, blank_text)

    response = client.post(url, json=valid | {field: blank})

    assert response.status_code == 422
    client.post(url, json=valid).raise_for_status()


def no_payload(_user):
    """Return nothing to send."""


def some_payload(user):
    """Return what each request with a payload takes; the fields that it does not know are ignored."""
    return {"topic": "Loops", "stars": 3, "user_id": user["id"], "text": "Hm"}


REQUESTS = [
    ("GET", "/users/{user}", no_payload),
    ("GET", "/users/{user}/progress", no_payload),
    ("GET", "/paths/{path}", no_payload),
    ("PUT", "/paths/{path}/enrolments/{user}", no_payload),
    ("GET", "/challenges/{challenge}", no_payload),
    ("PATCH", "/challenges/{challenge}", some_payload),
    ("PUT", "/challenges/{challenge}/completions/{user}", no_payload),
    ("PUT", "/challenges/{challenge}/ratings/{user}", some_payload),
    ("POST", "/challenges/{challenge}/comments", some_payload),
    ("GET", "/challenges/{challenge}/feedback", no_payload),
]
"""Each request with an id in its path."""


@pytest.mark.parametrize("unknown", [-1, 10**9, 2**63], ids=str)
@pytest.mark.parametrize(
    ("method", "url", "noun", "make_payload"),
    [
        (method, url, noun, make_payload)
        for method, url, make_payload in REQUESTS
        for noun in ("user", "path", "challenge")
        if f"{{{noun}}}" in url
    ],
)
def test_every_request_about_something_unknown_is_404(
    client, user, challenge, path, method, url, noun, make_payload, unknown
):
    payload = make_payload(user)
    known = {"user": user["id"], "challenge": challenge["id"], "path": path["id"]}
    client.request(method, url.format(**known), json=payload).raise_for_status()

    response = client.request(method, url.format(**known | {noun: unknown}), json=payload)

    assert response.status_code == 404


@pytest.mark.parametrize("url", ["/users", "/challenges", "/paths"])
def test_an_id_that_nobody_has_is_404(client, url, unknown_id):
    client.get(url).raise_for_status()

    response = client.get(f"{url}/{unknown_id}")

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("method", "url", "make_payload", "listed"),
    [
        pytest.param(
            "POST",
            "/challenges",
            lambda _, unknown: CHALLENGE | {"designer_id": unknown},
            "/challenges",
            id="designer",
        ),
        pytest.param(
            "PATCH",
            "/challenges/{challenge}",
            lambda _, unknown: {"topic": "Changed", "designer_id": unknown},
            "/challenges?topic=Changed",
            id="new designer",
        ),
        pytest.param(
            "POST",
            "/paths",
            lambda known, unknown: {"title": "a", "description": "b", "challenge_ids": [known, unknown]},
            "/paths",
            id="challenge of a path",
        ),
        pytest.param(
            "POST",
            "/challenges/{challenge}/comments",
            lambda _, unknown: {"user_id": unknown, "text": "Hm"},
            "/challenges/{challenge}/feedback",
            id="user who comments",
        ),
    ],
)
def test_an_unknown_id_in_a_payload_is_422_and_changes_nothing(
    client, challenge, method, url, make_payload, listed, unknown_id
):
    listed = listed.format(challenge=challenge["id"])
    before = total(client, listed)
    payload = make_payload(challenge["id"], unknown_id)

    response = client.request(method, url.format(challenge=challenge["id"]), json=payload)

    assert response.status_code == 422
    assert total(client, listed) == before


FORGED = {"id": 10**6, "created_at": "2001-01-01T00:00:00Z", "completions": 99, "kind": "rating", "stars": 1}


@pytest.mark.parametrize("make_new", [new_user, new_challenge, new_path, new_comment])
def test_what_the_server_decides_no_client_can_set(client, challenge, make_new):
    url, fields = make_new(client)
    honest = client.post(url, json=fields).raise_for_status().json()

    forged = client.post(url, json=FORGED | fields).raise_for_status().json()

    decided = {"id": forged["id"], "created_at": forged["created_at"]}
    assert forged == honest | decided
    assert forged["id"] not in {honest["id"], FORGED["id"]}
    created_at = datetime.fromisoformat(forged["created_at"])
    assert created_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)
    unchanged = client.patch(f"/challenges/{challenge['id']}", json=FORGED).raise_for_status().json()
    assert unchanged == read_challenge(client, challenge) == challenge


def test_twenty_enrolments_of_one_user_at_once_are_204_and_leave_one(client, user, path, race):
    url = f"/paths/{path['id']}/enrolments/{user['id']}"

    responses = race(20, lambda _: client.put(url))

    assert [response.status_code for response in responses] == [204] * 20
    assert [response.content for response in responses] == [b""] * 20
    assert [progress["path_id"] for progress in read_progress(client, user)] == [path["id"]]


def test_a_learner_sees_their_progress_across_multiple_learning_paths(client, user):
    one, two, three = create_challenges(client, user, {"title": "One"}, {"title": "Two"}, {"title": "Three"})
    long_path = create_path(client, three, two, one, title="The long way")
    short_path = create_path(client, one, two, title="The short way")
    done_path = create_path(client, two, title="All done")
    enrol(client, create_user(client), create_path(client, one))
    enrol(client, user, done_path)
    enrol(client, user, short_path)
    enrol(client, user, long_path)
    on_no_path, on_another = create_challenge(client, user), create_challenge(client, user)
    create_path(client, on_another)
    complete_all(client, user, [two, on_no_path, on_another])

    response = client.get(f"/users/{user['id']}/progress")

    assert response.status_code == 200
    to_do = {
        challenge["id"]: {"id": challenge["id"], "title": challenge["title"]} for challenge in (one, three)
    }
    assert response.json() == {
        "user_id": user["id"],
        "paths": [
            {
                "path_id": long_path["id"],
                "title": "The long way",
                "challenges": 3,
                "completed": 1,
                "share": 1 / 3,
                "remaining": [to_do[three["id"]], to_do[one["id"]]],
            },
            {
                "path_id": short_path["id"],
                "title": "The short way",
                "challenges": 2,
                "completed": 1,
                "share": 0.5,
                "remaining": [to_do[one["id"]]],
            },
            {
                "path_id": done_path["id"],
                "title": "All done",
                "challenges": 1,
                "completed": 1,
                "share": 1.0,
                "remaining": [],
            },
        ],
    }
    change(client, three, title="Four")
    more = create_challenges(client, user, *[{}] * 10)
    enrol(client, user, create_path(client, *more, three))
    enrol_in_all(client, user, [create_path(client) for _ in range(8)])
    now = read_progress(client, user)
    assert now[0]["remaining"] == [to_do[three["id"]] | {"title": "Four"}, to_do[one["id"]]]
    assert ids(now[3]["remaining"]) == ids([*more, three])
    assert len(now) == 12


def test_progress_counts_only_what_the_learner_completed_before_enrolling_too(client, user, challenge):
    other = create_challenge(client, user)
    path = create_path(client, challenge, other)
    early, late = create_user(client), create_user(client)
    complete(client, early, challenge)
    enrol(client, early, path)
    enrol(client, late, path)

    [of_early], [of_late] = read_progress(client, early), read_progress(client, late)

    assert [of_early["completed"], of_early["share"], ids(of_early["remaining"])] == [1, 0.5, [other["id"]]]
    assert [of_late["completed"], of_late["share"]] == [0, 0.0]
    assert ids(of_late["remaining"]) == [challenge["id"], other["id"]]


def test_a_path_without_challenges_has_a_share_of_zero(client, user):
    path = create_path(client, title="To be continued")
    enrol(client, user, path)

    response = client.get(f"/users/{user['id']}/progress")

    assert response.status_code == 200
    counts = {"challenges": 0, "completed": 0, "share": 0.0, "remaining": []}
    empty = {"path_id": path["id"], "title": "To be continued", **counts}
    assert response.json() == {"user_id": user["id"], "paths": [empty]}


def test_a_completion_is_204_and_counted_once(client, user, challenge):
    url = f"/challenges/{challenge['id']}/completions/{user['id']}"
    other = create_challenge(client, user)

    first, second = client.put(url), client.put(url)

    assert [first.status_code, first.content] == [204, b""]
    assert [second.status_code, second.content] == [204, b""]
    assert read_challenge(client, challenge) == challenge | {"completions": 1}
    assert read_challenge(client, other) == other


@pytest.mark.parametrize("stars", [1, 2, 3, 4, 5])
def test_a_rating_is_204_and_joins_the_feedback(client, user, challenge, stars):
    url = f"/challenges/{challenge['id']}/ratings/{user['id']}"

    response = client.put(url, json=FORGED | {"stars": stars})

    assert response.status_code == 204
    assert response.content == b""
    [entry] = feedback_on(client, challenge)["items"]
    made = {"id": entry["id"], "created_at": entry["created_at"]}
    assert entry == {"kind": "rating", "user_id": user["id"], "stars": stars, "text": None, **made}
    assert abs(datetime.now(UTC) - datetime.fromisoformat(entry["created_at"])) < timedelta(minutes=1)


def test_a_second_rating_by_the_same_user_replaces_the_stars_of_the_first(client, user, challenge):
    rate(client, user, challenge, 1)
    rate(client, create_user(client), challenge, 3)
    comment(client, user, challenge, "Hm")
    rate(client, user, create_challenge(client, user), 2)
    comments, newer, older = feedback_on(client, challenge)["items"]

    response = client.put(f"/challenges/{challenge['id']}/ratings/{user['id']}", json={"stars": 5})

    assert response.status_code == 204
    assert feedback_on(client, challenge)["items"] == [comments, newer, older | {"stars": 5}]


@pytest.mark.parametrize(
    "stars",
    [
        pytest.param(0, id="no star"),
        pytest.param(6, id="six stars"),
        pytest.param(-1, id="a negative number"),
        pytest.param(10**30, id="a number beyond 64 bits"),
        pytest.param(4.5, id="half a star"),
        pytest.param(float("nan"), id="NaN"),
        pytest.param("4", id="a string"),
        pytest.param(True, id="true"),
        pytest.param(None, id="null"),
        pytest.param(ABSENT, id="absent"),
    ],
)
def test_a_rating_that_is_not_valid_is_422_and_changes_nothing(client, user, challenge, stars):
    other = create_user(client)
    rate(client, user, challenge, 2)
    before = feedback_on(client, challenge)
    payload = json.dumps({name: value for name, value in {"stars": stars}.items() if value is not ABSENT})
    url = f"/challenges/{challenge['id']}/ratings"

    response = client.put(f"{url}/{user['id']}", content=payload, headers=JSON)

    assert response.status_code == 422
    response = client.put(f"{url}/{other['id']}", content=payload, headers=JSON)
    assert response.status_code == 422
    assert feedback_on(client, challenge) == before


def test_a_comment_is_answered_with_201_and_the_comment(client, user, challenge):
    sent = {"user_id": user["id"], "text": "The twist is nice"}
    rate(client, user, challenge, 4)

    response = client.post(f"/challenges/{challenge['id']}/comments", json=sent)

    assert response.status_code == 201
    entry = response.json()
    made = {"id": entry["id"], "created_at": entry["created_at"]}
    assert entry == {"kind": "comment", "stars": None, **sent, **made}
    again = comment(client, user, challenge, sent["text"])
    assert feedback_on(client, challenge)["items"][:2] == [again, entry]
    assert again["id"] != entry["id"]


def test_a_mentor_views_all_feedback_left_on_a_challenge_newest_first(client, user, challenge):
    mentor = create_user(client)
    comment(client, mentor, create_challenge(client, mentor), "On another challenge")
    first = comment(client, user, challenge, "Hard to follow")
    rate(client, user, challenge, 2)
    second = comment(client, user, challenge, "Clear now")
    rate(client, mentor, challenge, 5)

    response = client.get(f"/challenges/{challenge['id']}/feedback")

    assert response.status_code == 200
    page = response.json()
    mentors, users = page["items"][0], page["items"][2]
    assert page == {"items": [mentors, second, users, first], "page": 1, "size": 10, "total": 4, "pages": 1}
    assert len(set(ids(page["items"]))) == 4
    assert [mentors["user_id"], mentors["stars"]] == [mentor["id"], 5]
    assert [users["user_id"], users["stars"]] == [user["id"], 2]


def test_a_user_pages_through_feedback_10_entries_per_page(client, user, challenge):
    newest_first = leave_comments(client, user, challenge, 23)

    first = feedback_on(client, challenge)
    second = feedback_on(client, challenge, page=2)
    third = feedback_on(client, challenge, page=3)

    whole = {"size": 10, "total": 23, "pages": 3}
    assert first == {"items": newest_first[:10], "page": 1, **whole}
    assert second == {"items": newest_first[10:20], "page": 2, **whole}
    assert third == {"items": newest_first[20:], "page": 3, **whole}


def test_a_designer_updates_the_difficulty_and_the_description_of_a_challenge(client, user, challenge):
    update = {"difficulty": "advanced", "description": "Count, with two twists"}
    neighbour = create_challenge(client, user)

    response = client.patch(f"/challenges/{challenge['id']}", json=update)

    assert response.status_code == 200
    assert response.json() == challenge | update
    assert read_challenge(client, challenge) == challenge | update
    assert read_challenge(client, neighbour) == neighbour


@pytest.mark.parametrize(
    "update",
    [
        {"title": "Loops"},
        {"description": "Go round"},
        {"difficulty": "intermediate"},
        {"topic": "Loops"},
        {"tags": ["Rust", "Go"]},
        {"tags": []},
        {},
    ],
    ids=repr,
)
def test_a_change_leaves_alone_what_it_does_not_mention(client, user, challenge, update):
    complete(client, user, challenge)

    response = client.patch(f"/challenges/{challenge['id']}", json=update)

    assert response.status_code == 200
    assert response.json() == challenge | {"completions": 1} | update
    assert read_challenge(client, challenge) == challenge | {"completions": 1} | update
    designer = {"designer_id": create_user(client)["id"]}
    assert change(client, challenge, **designer) == challenge | {"completions": 1} | update | designer


@pytest.mark.parametrize(
    "update",
    [
        {"title": None},
        {"title": 5},
        {"description": None},
        {"description": "\ud800"},
        {"difficulty": None},
        {"difficulty": "hard"},
        {"topic": None},
        {"tags": None},
        {"tags": "Python"},
        {"tags": [None]},
        {"designer_id": None},
        {"designer_id": "Ada"},
        {"title": " "},
        {"description": ""},
        {"topic": "\u00a0"},
        {"tags": ["\u3000"]},
    ],
    ids=repr,
)
def test_a_change_that_is_not_valid_is_422_and_changes_nothing(client, challenge, update):
    url = f"/challenges/{challenge['id']}"
    valid = {"title": "Loops", "difficulty": "advanced"}

    response = client.patch(url, content=json.dumps(valid | update), headers=JSON)

    assert response.status_code == 422
    assert read_challenge(client, challenge) == challenge
    client.patch(url, json=valid).raise_for_status()


WORDS = {
    "title": "old{n}",
    "description": "past{n}",
    "difficulty": "intermediate",
    "topic": "Topic {n}",
    "tags": ["Tag {n}", "Same {n}"],
}
"""What three challenges have in common before the oldest of them is changed; `n` differs in each row."""


@pytest.mark.parametrize(
    ("update", "query", "found"),
    [
        pytest.param({"title": "new{n}"}, {"search": "new{n} past{n}"}, [0], id="new title"),
        pytest.param({"title": "new{n}"}, {"search": "old{n}"}, [2, 1], id="old title"),
        pytest.param({"description": "new{n}"}, {"search": "new{n} old{n}"}, [0], id="new description"),
        pytest.param({"topic": "New {n}"}, {"search": "old{n} past{n}"}, [2, 1, 0], id="kept texts"),
        pytest.param({"description": "new{n}"}, {"search": "past{n}"}, [2, 1], id="old description"),
        pytest.param({"title": "past{n}"}, {"search": "past{n}"}, [0, 2, 1], id="more relevant"),
        pytest.param({"description": "old{n}"}, {"search": "old{n}"}, [2, 1, 0], id="as relevant"),
        pytest.param({"topic": "New {n}"}, {"topic": "New {n}"}, [0], id="new topic"),
        pytest.param({"topic": "New {n}"}, {"topic": "Topic {n}"}, [2, 1], id="old topic"),
        pytest.param(
            {"topic": "New {n}"}, {"tag": "Tag {n}", "topic": "New {n}"}, [0], id="new topic, with a tag"
        ),
        pytest.param({"tags": ["New {n}"]}, {"tag": "new {n}"}, [0], id="new tag"),
        pytest.param({"tags": ["New {n}", "Same {n}"]}, {"tag": "tag {n}"}, [2, 1], id="old tag"),
        pytest.param({"tags": ["New {n}", "Same {n}"]}, {"tag": "same {n}"}, [2, 1, 0], id="kept tag"),
        pytest.param(
            {"tags": ["TAG {n}", "SAME {n}"]}, {"tag": "tag {n}"}, [2, 1, 0], id="the same tag in capitals"
        ),
        pytest.param({"tags": []}, {"tag": "Tag {n}"}, [2, 1], id="no tag"),
        pytest.param(
            {"tags": ["Same {n}"]}, {"tag": "Same {n}", "sort": "popularity"}, [0, 2, 1], id="popularity"
        ),
        pytest.param(
            {"difficulty": "advanced"},
            {"topic": "Topic {n}", "sort": "difficulty", "order": "asc"},
            [1, 2, 0],
            id="harder",
        ),
        pytest.param(
            {"difficulty": "beginner"},
            {"tag": "Tag {n}", "sort": "difficulty"},
            [0, 1, 2],
            id="easier, with a tag",
        ),
        pytest.param(
            {"difficulty": "advanced"},
            {"tag": "Tag {n}", "difficulty": "intermediate"},
            [2, 1],
            id="old difficulty, with a tag",
        ),
    ],
)
def test_a_changed_challenge_is_found_by_what_it_is_now(client, user, values, update, query, found):
    number = values.randrange(10**9)
    challenges = create_challenges(client, user, {}, {}, {}, **fill(WORDS, n=number))
    complete(client, user, challenges[0])
    before = browse(client, **fill(query, n=number))

    changed = change(client, challenges[0], **fill(update, n=number))

    now = [challenges[0] | {"completions": 1} | fill(update, n=number), *challenges[1:]]
    assert changed == now[0]
    page = browse(client, **fill(query, n=number))
    assert page["items"] == [now[index] for index in found]
    assert page["total"] == len(found)
    assert before != page


def test_changes_at_the_same_time_are_all_kept_and_found(client, user, values, race):
    number = values.randrange(10**9)
    challenges = create_challenges(client, user, *[{}] * 10)
    never_completed = create_challenge(client, user, tags=[f"New {number}"])
    updates = [{"title": f"new{number}"}, {"description": f"new{number}", "tags": [f"New {number}"]}]
    send = [
        lambda challenge: change(client, challenge, **updates[0]),
        lambda challenge: change(client, challenge, **updates[1]),
        lambda challenge: complete(client, user, challenge),
    ]

    race(30, lambda turn: send[turn % 3](challenges[turn // 3]))

    now = updates[0] | updates[1] | {"completions": 1}
    changed = [challenge | now for challenge in challenges[::-1]]
    assert browse(client, search=f"new{number}", sort="newest")["items"] == changed
    assert browse(client, search=f"new{number}")["items"] == changed
    complete(client, create_user(client), challenges[0])
    by_popularity = browse(client, tag=f"New {number}", sort="popularity", size=11)
    assert by_popularity["items"] == [changed[-1] | {"completions": 2}, *changed[:-1], never_completed]


def test_a_user_browses_all_challenges_tagged_python_sorted_by_difficulty(fresh_client):
    user = create_user(fresh_client)
    tagged = create_challenges(
        fresh_client,
        user,
        {"difficulty": "intermediate"},
        {"difficulty": "advanced"},
        {"difficulty": "beginner"},
        {"difficulty": "advanced"},
        {"difficulty": "beginner"},
    )
    others = {"title": "Python", "topic": "Python", "description": "Python"}
    create_challenge(fresh_client, user, tags=["Pythonic", "Rust"], **others)

    response = fresh_client.get("/challenges", params={"tag": "Python", "sort": "difficulty"})

    assert response.status_code == 200
    in_order = [tagged[2], tagged[4], tagged[0], tagged[1], tagged[3]]
    assert response.json() == {"items": in_order, "page": 1, "size": 10, "total": 5, "pages": 1}


@pytest.mark.parametrize("tag", ["\u00c9conomie Web", "\u00e9conomie web", "\u00c9CONOMIE WEB"])
def test_the_letter_case_of_tags_does_not_matter(client, user, values, tag):
    number = values.text()
    words = ("\u00c9conomie web", "Other", "other ", "\u00c9CONOMIE WEB")
    sent = [f"{number} {word}" for word in words]
    challenge = create_challenge(client, user, tags=sent)
    with_a_blank = create_challenge(client, user, tags=[f"{number} {tag} "])

    page = browse(client, tag=f"{number} {tag}")

    assert challenge["tags"] == sent[:3]
    assert page == {"items": [challenge], "page": 1, "size": 10, "total": 1, "pages": 1}
    assert browse(client, tag=f"{number} {tag} ")["items"] == [with_a_blank]
    changed = change(client, create_challenge(client, user), tags=sent)
    assert changed["tags"] == sent[:3]
    assert browse(client, tag=f"{number} {tag}")["items"] == [changed, challenge]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(["0 {n}", "2 {n}"], [1, 0], id="two tags"),
        pytest.param(["2 {n}", "1 {n}", "0 {n}"], [0], id="three tags"),
        pytest.param(["0 {n}", "2 {n}", "0 {n}"], [1, 0], id="the same tag twice"),
        pytest.param(["1 {n}", "3 {n}"], [], id="tags of different challenges"),
        pytest.param(["_ {n}", "0 {n}"], [], id="a tag with a sign of LIKE"),
        pytest.param(["0 {n}", "% {n}"], [], id="another tag with a sign of LIKE"),
        pytest.param([f"{number} {{n}}" for number in range(4, 24)], [3], id="20 tags"),
    ],
)
def test_of_several_tags_a_challenge_must_have_all(client, user, values, wanted, found):
    number = values.randrange(10**9)
    all_tags = [["0 {n}", "1 {n}", "2 {n}"], ["2 {n}", "0 {n}"], ["0 {n}", "3 {n}"]]
    all_tags = [*all_tags, [f"{tag} {{n}}" for tag in range(4, 24)]]
    challenges = create_challenges(client, user, *[{"tags": fill(tags, n=number)} for tags in all_tags])

    page = browse(client, tag=fill(wanted, n=number))

    assert page["items"] == [challenges[index] for index in found]
    assert page["total"] == len(found)


@pytest.mark.parametrize("topic", ["Basics", "basics", "Basics ", "Basic_", "Basic%", "B"])
def test_challenges_are_filtered_by_exactly_their_topic(client, user, values, topic):
    number = values.randrange(10**9)
    topics = ["Basics", "basics", "Basics ", "Basic_", "Basic%", "B"]
    challenges = create_challenges(client, user, *[{"topic": f"{number} {topic}"} for topic in topics])

    page = browse(client, topic=f"{number} {topic}")

    assert page["items"] == [challenges[topics.index(topic)]]
    assert page["total"] == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"difficulty": "beginner"}, [1], id="beginner"),
        pytest.param({"difficulty": "intermediate"}, [3], id="intermediate"),
        pytest.param({"difficulty": "advanced"}, [2, 0], id="advanced"),
        pytest.param({"difficulty": "advanced", "order": "asc"}, [0, 2], id="the oldest first"),
        pytest.param({"difficulty": "advanced", "sort": "popularity"}, [0, 2], id="the most popular first"),
    ],
)
def test_challenges_are_filtered_by_difficulty(client, user, values, query, found):
    levels = ["advanced", "beginner", "advanced", "intermediate"]
    topic = values.text()
    challenges = create_challenges(client, user, *[{"difficulty": level} for level in levels], topic=topic)
    complete(client, user, challenges[0])
    challenges[0]["completions"] = 1

    page = browse(client, topic=topic, **query)

    assert page["items"] == [challenges[index] for index in found]
    assert page["total"] == len(found)
    on_top = browse(client, difficulty=query["difficulty"], size=len(found))["items"]
    assert on_top == sorted(page["items"], key=lambda challenge: -challenge["id"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"completed_by": "learner"}, [1, 0], id="completed"),
        pytest.param({"not_completed_by": "learner"}, [3, 2], id="not completed"),
        pytest.param(
            {"completed_by": "learner", "not_completed_by": "other"}, [0], id="completed by one only"
        ),
        pytest.param({"completed_by": "other", "not_completed_by": "learner"}, [2], id="by the other only"),
        pytest.param({"completed_by": "learner", "not_completed_by": "learner"}, [], id="both at once"),
    ],
)
def test_challenges_are_filtered_by_what_a_user_has_completed_or_not(client, user, values, query, found):
    topic = values.text()
    users = {"learner": create_user(client), "other": create_user(client)}
    only_learner, both, only_other, nobody = create_challenges(client, user, {}, {}, {}, {}, topic=topic)
    complete(client, users["learner"], only_learner)
    complete(client, users["other"], both)
    complete(client, users["learner"], both)
    complete(client, users["other"], only_other)
    rate(client, users["learner"], nobody, 5)
    challenges = ids([only_learner, both, only_other, nobody])

    page = browse(client, topic=topic, **{name: users[who]["id"] for name, who in query.items()})

    assert ids(page["items"]) == [challenges[index] for index in found]
    assert page["total"] == len(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({}, [2, 0, 1, 3], id="the path's order"),
        pytest.param({"order": "asc"}, [2, 0, 1, 3], id="ascending"),
        pytest.param({"sort": "path", "order": "desc"}, [3, 1, 0, 2], id="descending"),
        pytest.param({"sort": "newest"}, [3, 2, 1, 0], id="newest"),
        pytest.param({"size": 3}, [2, 0, 1], id="page 1"),
        pytest.param({"size": 3, "page": 2}, [3], id="page 2"),
        pytest.param({"tag": "odd"}, [1, 3], id="with a tag"),
        pytest.param({"tag": ["ODD", "python"], "order": "desc"}, [3, 1], id="with two tags"),
        pytest.param({"difficulty": "advanced"}, [2, 0], id="with a difficulty"),
        pytest.param({"search": "word", "sort": "path"}, [0, 1], id="with a search"),
    ],
)
def test_the_challenges_of_a_path_are_a_page_in_the_paths_order(client, user, query, found):
    challenges = create_challenges(
        client,
        user,
        {"difficulty": "advanced", "description": "A word"},
        {"tags": ["Odd", "Python"], "title": "Word"},
        {"difficulty": "advanced"},
        {"tags": ["Python", "Odd"]},
        {"title": "Word", "tags": ["Odd"]},
    )
    path = create_path(client, *[challenges[index] for index in (2, 0, 1, 3)])
    create_path(client, *challenges)

    page = browse(client, path=path["id"], **query)

    assert page["items"] == [challenges[index] for index in found]
    everything = browse(client, path=path["id"], **query | {"size": 100, "page": 1})
    assert page["total"] == len(everything["items"])


def test_an_unknown_id_in_a_query_is_not_an_error(client, user, challenge, path, unknown_id):
    enrol(client, user, path)
    complete(client, user, challenge)
    rate(client, user, challenge, 3)
    topic = {"topic": challenge["topic"], "tag": challenge["tags"][0]}
    nothing = {"items": [], "page": 1, "size": 10, "total": 0, "pages": 0}

    assert browse(client, path=unknown_id) == nothing
    assert browse(client, completed_by=unknown_id) == nothing
    assert ids(browse(client, not_completed_by=unknown_id, **topic)["items"]) == [challenge["id"]]
    [seen] = browse(client, viewer=unknown_id, **topic)["items"]
    assert seen == challenge | {"completions": 1, "viewer": {"completed": False, "stars": None}}
    response = client.get(f"/challenges/{challenge['id']}", params={"viewer": unknown_id})
    assert response.json() == seen


@pytest.mark.parametrize("sort", ["relevance", "difficulty"])
def test_all_filters_together_narrow_the_list(client, user, values, sort):
    tag, topic, word = values.text(), values.text(), f"word{values.randrange(10**9)}"
    wanted = {"tags": [tag, "Python"], "topic": topic, "difficulty": "advanced", "title": word}
    match, *others = create_challenges(
        client,
        user,
        {},
        {"tags": [tag]},
        {"topic": f"{topic}s"},
        {"difficulty": "beginner"},
        {"title": "x"},
        {},
        {},
        {},
        **wanted,
    )
    undone, done_by_other, off_path = others[-3:]
    other = create_user(client)
    path = create_path(client, match, *others[:-1])
    complete_all(client, user, [match, *others[:-3], done_by_other, off_path])
    complete(client, other, done_by_other)

    page = browse(
        client,
        path=path["id"],
        tag=[tag, "Python"],
        topic=topic,
        difficulty="advanced",
        search=word,
        completed_by=user["id"],
        not_completed_by=other["id"],
        sort=sort,
    )

    assert read_challenge(client, undone) == undone
    expected = {"items": [match | {"completions": 1}], "page": 1, "size": 10, "total": 1, "pages": 1}
    assert page == expected


@pytest.mark.parametrize(
    ("search", "found"),
    [
        pytest.param("alpha{n}", [1, 0], id="one word"),
        pytest.param("ALPHA{n}", [1, 0], id="capitals"),
        pytest.param("beta{n} alpha{n}", [0], id="two words, in the title and in the description"),
        pytest.param("alpha{n} missing{n}", [], id="a word that is missing"),
        pytest.param("alph", [1, 0], id="the beginning of a word"),
        pytest.param("alp alpha{n}", [1, 0], id="a word and its beginning"),
        pytest.param("lpha{n}", [], id="the end of a word"),
        pytest.param("ecole{n}", [], id="without its accent"),
        pytest.param("alpha{n}s", [], id="more than the word"),
        pytest.param("\u00c9COLE{n}", [2], id="an accent in capitals"),
        pytest.param("\u041f\u041e\u0418\u0421\u041a", [2], id="letters that are not Latin"),
        pytest.param("alpha{n} OR", [], id="a short word that is missing"),
        pytest.param("a al alp alph alpha alpha{n} b be bet beta beta{n} no{n}", [], id="twelve words"),
        pytest.param("{n}x", [2], id="a word that begins with a digit"),
        pytest.param("tag{n}", [], id="a word of a tag"),
        pytest.param("topic{n}", [], id="a word of a topic"),
        pytest.param("alpha{n}".ljust(194, "\u00bf"), [1, 0], id="200 characters"),
    ],
)
def test_a_search_finds_each_of_its_words_in_the_title_or_in_the_description(
    client, user, values, search, found
):
    number = values.randrange(10**8, 10**9)
    texts = [
        {"title": "About non-Alpha{n}", "description": " " * 5_000 + "(beta{n}), too"},
        {"title": "Something", "description": "Only:C#Alpha{n}."},
        {"title": "L'\u00e9cole{n}", "description": "_{n}x_ <\u041f\u043e\u0438\u0441\u043a{n}>"},
    ]
    labels = {"tags": [f"tag{number}"], "topic": f"topic{number}"}
    challenges = create_challenges(client, user, *fill(texts, n=number), **labels)

    page = browse(client, search=search.format(n=number), tag=f"tag{number}", sort="newest")

    assert page["items"] == [challenges[index] for index in found]
    assert page["total"] == len(found)
    assert browse(client, search=search.format(n=number), topic=f"topic{number}", sort="newest") == page


@pytest.mark.parametrize(
    "search",
    [
        '"{n}',
        "({n}",
        "{n}*",
        "title : ^{n}",
        "-{n} +",
        "%_'; {n}--",
        "\0{n}\0",
        "title NOT {n}",
        "{n} AND",
        "NEAR OR {n}",
        "near-{n},title_and",
        "near\u2014{n}",
        "\\{n}\U0001f600",
    ],
)
def test_signs_and_the_words_of_query_languages_are_harmless_in_a_search(client, user, values, search):
    # "near" is in the title and the word in the description: neither is a phrase, and signs only separate them
    word = f"word{values.randrange(10**9)}"
    challenge = create_challenge(client, user, title="And, or, not, near", description=f"A title: {word}")
    create_challenge(client, user)

    response = client.get("/challenges", params={"search": search.format(n=word)})

    assert response.status_code == 200
    assert response.json()["items"] == [challenge]


@pytest.mark.parametrize("search", ['"', "''", "?!", "*", "_", "%", "( )", "\0", "\U0001f600"])
def test_a_search_without_a_word_finds_nothing(client, challenge, search):
    response = client.get("/challenges", params={"search": search})

    assert response.status_code == 200
    assert response.json() == {"items": [], "page": 1, "size": 10, "total": 0, "pages": 0}
    assert browse(client, size=1)["items"] == [challenge]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        pytest.param("alpha{n} beta{n}", [1, 2, 0, 3], id="two words"),
        pytest.param("beta{n} alpha{n}", [1, 2, 0, 3], id="in another order"),
        pytest.param("alp beta{n} alpha{n}", [1, 0, 2, 3], id="the beginning of a word counts, too"),
        pytest.param("alpha{n} ALPHA{n} beta{n}", [1, 2, 0, 3], id="a word counts once"),
    ],
)
def test_the_more_words_of_the_search_a_title_has_the_more_relevant_is_its_challenge(
    client, user, values, search, found
):
    number = values.randrange(10**9)
    texts = [
        {"title": "Alpha{n}, Alpha{n} and alpha{n}", "description": "beta{n}"},
        {"title": "A long title with many words, alpha{n} and beta{n} among them", "description": "x"},
        {"title": "Beta{n}", "description": "alpha{n} " * 50},
        {"title": "Xalpha{n}", "description": "Alpha{n} beta{n} " * 50},
    ]
    challenges = create_challenges(client, user, *fill(texts, n=number), tags=[f"tag{number}"])

    best_first = browse(client, search=search.format(n=number), tag=f"tag{number}", sort="relevance")

    assert best_first["items"] == [challenges[index] for index in found]
    worst_first = browse(client, search=f"{search.format(n=number)} beta{number}", order="asc")
    assert worst_first["items"] == best_first["items"][::-1]


@pytest.mark.parametrize("label", ["tag", "topic"])
def test_sorted_by_popularity_the_most_completed_come_first(client, user, values, label):
    name = values.text()
    once, never, twice = create_challenges(client, user, {}, {}, {}, tags=[name], topic=name)
    complete(client, user, once)
    complete(client, user, twice)
    complete(client, create_user(client), twice)

    best_first = browse(client, **{label: name}, sort="popularity")

    in_order = [twice | {"completions": 2}, once | {"completions": 1}, never]
    assert best_first["items"] == in_order
    assert browse(client, **{label: name}, sort="popularity", order="asc")["items"] == in_order[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param({"search": "{n}"}, [0, 2, 1], id="a search: relevance"),
        pytest.param({"search": "{n}", "path": "{path}"}, [0, 2, 1], id="a search of a path: relevance"),
        pytest.param({"path": "{path}"}, [1, 2, 0], id="a path: its order"),
        pytest.param(
            {"path": "{path}", "tag": "{n}", "topic": "{n}"}, [1, 2, 0], id="a path and filters: its order"
        ),
        pytest.param({"topic": "{n}"}, [2, 1, 0], id="anything else: newest"),
        pytest.param({"topic": "{n}", "order": "asc"}, [0, 1, 2], id="the oldest first"),
        pytest.param({"topic": "{n}", "sort": "newest"}, [2, 1, 0], id="newest"),
        pytest.param({"topic": "{n}", "sort": "difficulty"}, [2, 0, 1], id="difficulty: the easiest first"),
        pytest.param(
            {"topic": "{n}", "sort": "difficulty", "order": "desc"}, [1, 0, 2], id="the hardest first"
        ),
    ],
)
def test_without_a_sort_or_an_order_the_list_has_its_defaults(client, user, values, query, found):
    number = values.randrange(10**9)
    challenges = create_challenges(
        client,
        user,
        {"title": str(number), "difficulty": "intermediate"},
        {"difficulty": "advanced"},
        {},
        description=str(number),
        topic=str(number),
        tags=[str(number)],
    )
    path = create_path(client, *[challenges[index] for index in (1, 2, 0)])

    page = browse(client, **fill(query, n=number, path=path["id"]))

    assert page["items"] == [challenges[index] for index in found]


@pytest.mark.parametrize("label", ["tag", "topic"])
@pytest.mark.parametrize("sort", ["relevance", "difficulty", "popularity", "newest"])
def test_equal_challenges_are_sorted_by_their_ids_in_the_direction_of_the_sort(
    client, user, values, sort, label
):
    word = f"word{values.randrange(10**9)}"
    challenges = create_challenges(client, user, {}, {}, {}, title=word, tags=[word], topic=word)
    query = {"search": word, label: word, "sort": sort, "size": 2}

    ascending = browse(client, **query, order="asc")
    first, second = browse(client, **query, order="desc"), browse(client, **query, order="desc", page=2)

    assert ascending["items"] == challenges[:2]
    assert first["items"] == challenges[:0:-1]
    assert second["items"] == challenges[:1]


def test_a_challenge_says_what_its_viewer_has_done_with_it(client, user, values):
    topic, other = values.text(), create_user(client)
    challenges = create_challenges(client, user, {}, {}, {}, {}, topic=topic)
    both, completed, rated, none = challenges
    complete_all(client, user, [both, completed])
    complete_all(client, other, [rated, none])
    rate(client, user, both, 1)
    rate(client, other, both, 2)
    rate(client, user, both, 5)
    rate(client, user, rated, 4)
    rate(client, other, none, 3)
    comment(client, user, completed, "Hm")
    comment(client, user, both, "Hm")

    page = browse(client, topic=topic, viewer=user["id"], order="asc")

    viewers = [[True, 5], [True, None], [False, 4], [False, None]]
    expected = [
        challenge | {"completions": 1, "viewer": {"completed": done, "stars": stars}}
        for challenge, (done, stars) in zip(challenges, viewers, strict=True)
    ]
    assert page["items"] == expected
    response = client.get(f"/challenges/{both['id']}", params={"viewer": user["id"]})
    assert response.json() == expected[0]
    response = client.get(f"/challenges/{both['id']}", params={"viewer": other["id"]})
    assert response.json() == expected[0] | {"viewer": {"completed": False, "stars": 2}}
    assert browse(client, topic=topic, order="asc")["items"] == [one | {"viewer": None} for one in expected]
    assert read_challenge(client, both) == expected[0] | {"viewer": None}


LABELLED = [
    {"topic": "Web", "tags": ["Python", "rust"]},
    {"topic": "web", "tags": ["Rust", "\u00c9conomie", "Zeal"]},
    {"topic": "Web", "tags": []},
    {"topic": "apps", "tags": ["PYTHON", "RUST"]},
    {"topic": " Web", "tags": ["Zeal "]},
    {"topic": "Zen", "tags": []},
    {"topic": "Old", "tags": ["Old"]},
]


@pytest.mark.parametrize(
    ("label", "counts"),
    [
        pytest.param(
            "tag", [("rust", 4), ("python", 2), ("zeal", 1), ("zeal ", 1), ("\u00e9conomie", 1)], id="tags"
        ),
        pytest.param("topic", [("Web", 2), ("web", 2), (" Web", 1), ("Zen", 1), ("apps", 1)], id="topics"),
    ],
)
def test_the_tags_and_the_topics_that_exist_are_listed_with_their_counts(fresh_client, label, counts):
    user = create_user(fresh_client)
    *_, old = create_challenges(fresh_client, user, *LABELLED)
    change(fresh_client, old, topic="web", tags=["rust"])
    items = [{label: name, "challenges": count} for name, count in counts]

    response = fresh_client.get(f"/{label}s")

    assert response.status_code == 200
    total = len(items)
    assert response.json() == {"items": items, "page": 1, "size": 10, "total": total, "pages": 1}
    page = fresh_client.get(f"/{label}s", params={"page": 2, "size": 2}).json()
    assert page == {"items": items[2:4], "page": 2, "size": 2, "total": total, "pages": 3}


LISTS = ["/users", "/paths", "/challenges", "/challenges/{challenge}/feedback", "/tags", "/topics"]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_every_list_is_sent_in_pages(fresh_client, size):
    users = [
        create_user(fresh_client, "Cleo"),
        create_user(fresh_client, "Ada"),
        create_user(fresh_client, "Bob"),
    ]
    challenges = create_challenges(
        fresh_client,
        users[0],
        {"title": "c", "topic": "c", "tags": ["c"]},
        {"title": "a", "topic": "a", "tags": ["a"]},
        {"title": "b", "topic": "b", "tags": ["b"]},
    )
    paths = [
        create_path(fresh_client, *challenges, title="c"),
        create_path(fresh_client, *challenges[1:], title="a"),
        create_path(fresh_client, title="b"),
    ]
    entries = leave_comments(fresh_client, users[0], challenges[1], 3)
    leave_comments(fresh_client, users[0], challenges[0], 2)
    query = {"size": size}
    whole = {"page": 1, "size": size, "total": 3, "pages": {1: 3}.get(size, 1)}

    assert fresh_client.get("/users", params=query).json() == {"items": users[:size], **whole}
    assert fresh_client.get("/paths", params=query).json() == {"items": paths[:size], **whole}
    assert browse(fresh_client, **query) == {"items": challenges[::-1][:size], **whole}
    assert feedback_on(fresh_client, challenges[1], **query) == {"items": entries[:size], **whole}
    second = slice(size, 2 * size)
    whole["page"] = query["page"] = 2
    assert fresh_client.get("/users", params=query).json() == {"items": users[second], **whole}
    assert fresh_client.get("/paths", params=query).json() == {"items": paths[second], **whole}
    assert browse(fresh_client, **query) == {"items": challenges[::-1][second], **whole}
    assert feedback_on(fresh_client, challenges[1], **query) == {"items": entries[second], **whole}


@pytest.mark.parametrize("beyond", [1, 10**30], ids=str)
@pytest.mark.parametrize("url", LISTS)
def test_a_page_beyond_the_end_is_empty(client, user, challenge, url, beyond):
    comment(client, user, challenge, "Nice")
    url = url.format(challenge=challenge["id"])
    first = client.get(url).raise_for_status().json()
    page = first["pages"] + beyond

    response = client.get(url, params={"page": page})

    assert response.status_code == 200
    assert response.json() == first | {"items": [], "page": page}


@pytest.mark.parametrize(
    "url",
    ["/users", "/paths", "/challenges", "/challenges?search=fizz", "/challenges?path=1", "/tags", "/topics"],
)
def test_a_list_of_nothing_has_no_pages(fresh_client, url):
    response = fresh_client.get(url)

    assert response.status_code == 200
    assert response.json() == {"items": [], "page": 1, "size": 10, "total": 0, "pages": 0}


WRONG_PAGES = [{"page": 0}, {"page": -1}, {"page": "first"}, {"size": 0}, {"size": 101}, {"size": "all"}]
WRONG_FILTERS = [
    *[{"tag": ""}, {"tag": ["Python", "\u00a0"]}, {"tag": TAGS}, {"tag": [*TAGS[:20], "tag 0"]}],
    *[{"topic": ""}, {"topic": "\u3000"}, {"search": ""}, {"search": "\u2003\t"}, {"search": "x".ljust(201)}],
    *[{"difficulty": "hard"}, {"difficulty": "Beginner"}, {"difficulty": ""}, {"path": "first"}],
    *[{"viewer": "me"}, {"completed_by": "me"}, {"not_completed_by": "1.5"}, {"order": "down"}],
    *[{"order": "DESC"}, {"search": "x" * 201}],
    *[{"sort": "title"}, {"sort": "Newest"}, {"sort": "relevance"}, {"sort": "relevance", "path": "1"}],
    *[{"sort": "path"}, {"sort": "path", "search": "Fizz"}],
]


@pytest.mark.parametrize(
    ("url", "query"),
    [
        *[(url, query) for url in LISTS for query in WRONG_PAGES],
        *[("/challenges", query) for query in WRONG_FILTERS],
        ("/challenges/{challenge}", {"viewer": "me"}),
    ],
    ids=str,
)
def test_a_page_a_filter_or_a_sort_that_is_not_valid_is_422(client, challenge, url, query):
    response = client.get(url.format(challenge=challenge["id"]), params=query)

    assert response.status_code == 422


def test_two_hundred_completions_and_ratings_at_once_are_all_counted(client, challenge, at_once, race):
    users = at_once(100, lambda number: create_user(client, str(number)))
    send = [
        lambda number: complete(client, users[number], challenge),
        lambda number: rate(client, users[number], challenge, number % 5 + 1),
    ]

    race(200, lambda number: send[number % 2](number // 2))

    by_tag = browse(client, tag=challenge["tags"][0], sort="popularity")["items"]
    assert by_tag == [challenge | {"completions": 100}]
    entries = feedback_on(client, challenge, size=100)["items"]
    stars = {entry["user_id"]: entry["stars"] for entry in entries}
    assert stars == {user["id"]: number % 5 + 1 for number, user in enumerate(users)}
    assert len(set(ids(entries))) == len(set(ids(users))) == 100


def test_completions_and_ratings_of_one_user_at_once_leave_one_of_each(client, user, challenge, race):
    send = [
        lambda: complete(client, user, challenge),
        lambda: rate(client, user, challenge, 4),
    ]

    race(40, lambda number: send[number % 2]())

    assert read_challenge(client, challenge) == challenge | {"completions": 1}
    page = feedback_on(client, challenge)
    assert [page["total"], [entry["stars"] for entry in page["items"]]] == [1, [4]]


def test_what_was_answered_outlives_a_restart_and_a_kill(launch, values):
    server = launch()
    client, tag = server.client, values.text()
    user = create_user(client)
    challenge = create_challenge(client, user, tags=[tag])
    path = create_path(client, challenge)
    enrol(client, user, path)
    entry = comment(client, user, challenge, "Nice")
    server.restart(warm=True)
    complete(client, user, challenge)

    server.kill()

    assert read_progress(client, user) == [
        {
            "path_id": path["id"],
            "title": path["title"],
            "challenges": 1,
            "completed": 1,
            "share": 1.0,
            "remaining": [],
        }
    ]
    assert client.get(f"/paths/{path['id']}").json() == path
    assert browse(client, tag=tag)["items"] == [challenge | {"completions": 1}]
    assert browse(client, search="fizz")["items"] == [challenge | {"completions": 1}]
    assert feedback_on(client, challenge)["items"] == [entry]
    assert create_user(client)["id"] != user["id"]


@pytest.mark.parametrize(
    ("settings", "file"),
    [
        pytest.param({}, "skillsync.db", id="the default"),
        pytest.param({"DATABASE_URL": "sqlite:///elsewhere.db"}, "elsewhere.db", id="another file"),
    ],
)
def test_the_data_are_in_the_file_that_database_url_names(launch, settings, file):
    server = launch(**settings)

    create_challenge(server.client, create_user(server.client))

    assert server.files.read(file)[:15] == b"SQLite format 3"


def test_a_page_takes_little_more_cpu_time_with_400_challenges_than_with_20(launch, at_once):
    few, many = launch(), launch()
    create_alike(few.client, at_once, 20)
    create_alike(many.client, at_once, 400)

    by_tag = growth(few, many, tag="Python", sort="difficulty", size=1)
    by_topic = growth(few, many, topic="Basics", sort="popularity", size=1)
    by_age = growth(few, many, size=1)

    assert max(by_tag, by_topic, by_age) < 1.8


def test_a_page_of_100_takes_less_than_five_times_the_cpu_time_of_a_page_of_one(launch, at_once):
    server = launch()
    client = server.client
    user, challenges = create_alike(client, at_once, 100)
    at_once(20, lambda _: [create_path(client, *challenges[:3]) for _ in range(5)])
    at_once(20, lambda _: leave_comments(client, create_user(client), challenges[0], 5))

    of_challenges = cpu_ratio(
        server,
        lambda: browse(client, viewer=user["id"], size=1),
        server,
        lambda: browse(client, viewer=user["id"], size=100),
    )
    of_paths = cpu_ratio(
        server,
        lambda: client.get("/paths", params={"size": 1}),
        server,
        lambda: client.get("/paths", params={"size": 100}),
    )
    of_feedback = cpu_ratio(
        server,
        lambda: feedback_on(client, challenges[0], size=1),
        server,
        lambda: feedback_on(client, challenges[0], size=100),
    )

    assert max(of_challenges, of_paths, of_feedback) < 5
