"""The acceptance tests of scenario 3: one for each criterion of the ticket."""

from datetime import UTC, datetime, timedelta

import pytest


def add_user(client, name="Ada"):
    """Create a user and give it back; a test that fails here says which answer came."""
    return client.post("/users", json={"name": name}).raise_for_status().json()


def add_challenge(client, designer, **fields):
    """Create a challenge, with defaults for what a test does not care about, and give it back."""
    fields = {
        "title": "Fizz buzz",
        "description": "Count, with a twist",
        "difficulty": "beginner",
        "topic": "Basics",
        "designer_id": designer["id"],
        **fields,
    }
    return client.post("/challenges", json=fields).raise_for_status().json()


def lay_path(client, *challenges, title="First steps"):
    """Create a path of these challenges and give it back."""
    ids = [challenge["id"] for challenge in challenges]
    fields = {"title": title, "description": "Where to begin", "challenge_ids": ids}
    return client.post("/paths", json=fields).raise_for_status().json()


def enrol(client, user, path):
    """Enrol a user in a path."""
    return (
        client.post(f"/paths/{path['id']}/enrolments", json={"user_id": user["id"]}).raise_for_status().json()
    )


def complete(client, user, challenge):
    """Complete a challenge as a user."""
    return client.put(f"/challenges/{challenge['id']}/completions/{user['id']}").raise_for_status()


def rate(client, user, challenge, stars):
    """Rate a challenge as a user."""
    path = f"/challenges/{challenge['id']}/ratings/{user['id']}"
    return client.put(path, json={"stars": stars}).raise_for_status()


def comment(client, user, challenge, text):
    """Comment on a challenge as a user, and give the entry back."""
    fields = {"user_id": user["id"], "text": text}
    return client.post(f"/challenges/{challenge['id']}/comments", json=fields).raise_for_status().json()


def feedback_on(client, challenge, **query):
    """Give a page of the feedback on a challenge."""
    return client.get(f"/challenges/{challenge['id']}/feedback", params=query).raise_for_status().json()


def browse(client, **query):
    """Give a page of challenges."""
    return client.get("/challenges", params=query).raise_for_status().json()


def ids(items):
    """Give the ids of some items, in their order."""
    return [item["id"] for item in items]


@pytest.fixture
def user(client, values):
    return add_user(client, values.text())


@pytest.fixture
def challenge(client, user, values):
    return add_challenge(client, user, title=values.text(), tags=[values.text()])


def test_a_new_user_is_answered_with_201_and_the_user(client, values):
    sent = {"name": f" {values.text()} ☕"}

    response = client.post("/users", json=sent)

    assert response.status_code == 201
    user = response.json()
    assert user == {"id": user["id"], **sent, "created_at": user["created_at"]}
    assert type(user["id"]) is int


def test_a_new_challenge_is_answered_with_201_and_the_challenge(client, user, values):
    sent = {
        "title": values.text(),
        "description": f"{values.text()}\n",
        "difficulty": "intermediate",
        "topic": values.text(),
        "tags": ["Python", values.text(), "Économie"],
        "designer_id": user["id"],
    }

    response = client.post("/challenges", json=sent)

    assert response.status_code == 201
    new = response.json()
    assert new == {"id": new["id"], **sent, "completions": 0, "created_at": new["created_at"]}
    assert type(new["id"]) is int


def test_a_new_path_is_answered_with_201_and_its_challenges_in_their_order(client, user, values):
    first, second, third = (add_challenge(client, user) for _ in range(3))
    order = [second["id"], third["id"], first["id"]]
    sent = {"title": values.text(), "description": values.text(), "challenge_ids": order}

    response = client.post("/paths", json=sent)

    assert response.status_code == 201
    path = response.json()
    assert path == {"id": path["id"], **sent, "created_at": path["created_at"]}
    assert client.get(f"/paths/{path['id']}").json() == path


def test_what_was_added_can_be_read_by_its_id(client, user, challenge):
    path = lay_path(client, challenge)
    add_user(client)
    add_challenge(client, user)
    lay_path(client)

    responses = [
        client.get(f"/users/{user['id']}"),
        client.get(f"/challenges/{challenge['id']}"),
        client.get(f"/paths/{path['id']}"),
    ]

    assert [response.status_code for response in responses] == [200, 200, 200]
    assert [response.json() for response in responses] == [user, challenge, path]


def test_an_unknown_id_in_a_path_is_404(client, user, challenge):
    unknown = max(user["id"], challenge["id"], lay_path(client, challenge)["id"]) + 1000
    requests = [
        ("GET", f"/users/{unknown}", None),
        ("GET", f"/users/{unknown}/progress", None),
        ("GET", f"/paths/{unknown}", None),
        ("POST", f"/paths/{unknown}/enrolments", {"user_id": user["id"]}),
        ("GET", f"/challenges/{unknown}", None),
        ("PATCH", f"/challenges/{unknown}", {"topic": "Basics"}),
        ("PUT", f"/challenges/{unknown}/completions/{user['id']}", None),
        ("PUT", f"/challenges/{challenge['id']}/completions/{unknown}", None),
        ("PUT", f"/challenges/{unknown}/ratings/{user['id']}", {"stars": 3}),
        ("PUT", f"/challenges/{challenge['id']}/ratings/{unknown}", {"stars": 3}),
        ("POST", f"/challenges/{unknown}/comments", {"user_id": user["id"], "text": "Hm"}),
        ("GET", f"/challenges/{unknown}/feedback", None),
    ]

    statuses = {
        f"{method} {path}": client.request(method, path, json=payload).status_code
        for method, path, payload in requests
    }

    assert statuses == {f"{method} {path}": 404 for method, path, _ in requests}
    assert client.get(f"/challenges/{challenge['id']}").json() == challenge
    assert feedback_on(client, challenge)["total"] == 0


PATH = {"title": "First steps", "description": "Where to begin"}
CHALLENGE = {"title": "Loops", "description": "Go round", "difficulty": "advanced", "topic": "Basics"}


NOT_VALID = {
    "user without a name": ("/users", {}),
    "blank name": ("/users", {"name": " \t"}),
    "empty title of a path": ("/paths", PATH | {"title": ""}),
    "challenges of a path are no array": ("/paths", PATH | {"challenge_ids": "all"}),
    "blank title of a challenge": ("/challenges", CHALLENGE | {"title": "\n"}),
    "empty description": ("/challenges", CHALLENGE | {"description": ""}),
    "unknown difficulty": ("/challenges", CHALLENGE | {"difficulty": "hard"}),
    "topic is null": ("/challenges", CHALLENGE | {"topic": None}),
    "blank tag": ("/challenges", CHALLENGE | {"tags": ["Python", " "]}),
    "21 tags": ("/challenges", CHALLENGE | {"tags": [str(number) for number in range(21)]}),
    "designer is no id": ("/challenges", CHALLENGE | {"designer_id": "Ada"}),
}


def test_a_payload_that_is_not_valid_is_422_and_adds_nothing(client, user, challenge):
    lay_path(client, challenge)
    lists = ("/users", "/paths", "/challenges")
    before = [client.get(path).raise_for_status().json()["total"] for path in lists]

    twice = {"challenge twice in a path": ("/paths", PATH | {"challenge_ids": [challenge["id"]] * 2})}

    statuses = {
        name: client.post(path, json={"designer_id": user["id"], **payload}).status_code
        for name, (path, payload) in (NOT_VALID | twice).items()
    }

    assert statuses == dict.fromkeys(NOT_VALID | twice, 422)
    assert [client.get(path).json()["total"] for path in lists] == before


def test_an_unknown_id_in_a_payload_is_422_and_adds_nothing(client, user, challenge):
    path = lay_path(client, challenge)
    unknown = max(user["id"], challenge["id"], path["id"]) + 1000
    totals = [client.get(address).raise_for_status().json()["total"] for address in ("/challenges", "/paths")]

    responses = [
        client.post("/challenges", json=CHALLENGE | {"designer_id": unknown}),
        client.patch(f"/challenges/{challenge['id']}", json={"designer_id": unknown, "topic": "Loops"}),
        client.post("/paths", json=PATH | {"challenge_ids": [challenge["id"], unknown]}),
        client.post(f"/paths/{path['id']}/enrolments", json={"user_id": unknown}),
        client.post(f"/challenges/{challenge['id']}/comments", json={"user_id": unknown, "text": "Hm"}),
    ]

    assert [response.status_code for response in responses] == [422, 422, 422, 422, 422]
    assert [client.get(address).json()["total"] for address in ("/challenges", "/paths")] == totals
    assert client.get(f"/challenges/{challenge['id']}").json() == challenge
    assert feedback_on(client, challenge)["total"] == 0


def test_times_are_in_utc_and_set_by_the_server(client, user, challenge):
    forged = {"created_at": "2001-01-01T00:00:00Z"}
    path = lay_path(client, challenge)
    entry = comment(client, user, challenge, "First!")

    new = client.post("/users", json={"name": "Ada", **forged}).raise_for_status().json()
    enrolment = enrol(client, new, path)

    times = [entry["created_at"], new["created_at"], enrolment["enrolled_at"], challenge["created_at"]]
    moments = [datetime.fromisoformat(time) for time in [*times, path["created_at"]]]
    assert {moment.utcoffset() for moment in moments} == {timedelta(0)}
    assert max(abs(datetime.now(UTC) - moment) for moment in moments) < timedelta(minutes=1)


def test_enrolling_is_answered_with_201_and_the_enrolment_and_a_second_time_with_409(
    client, user, challenge, at_once
):
    path = lay_path(client, challenge)

    responses = at_once(
        10, lambda _: client.post(f"/paths/{path['id']}/enrolments", json={"user_id": user["id"]})
    )

    first, *others = sorted(responses, key=lambda response: response.status_code)
    assert [first.status_code, *(other.status_code for other in others)] == [201] + [409] * 9
    enrolled_at = first.json()["enrolled_at"]
    assert first.json() == {"user_id": user["id"], "path_id": path["id"], "enrolled_at": enrolled_at}
    assert len(client.get(f"/users/{user['id']}/progress").json()["paths"]) == 1


def test_a_learner_sees_their_progress_across_multiple_learning_paths(client, user):
    one, two, three, four = (add_challenge(client, user) for _ in range(4))
    long_path = lay_path(client, four, three, two, one, title="The long way")
    short_path = lay_path(client, one, two, title="The short way")
    other_path = lay_path(client, one, title="Another way")
    enrol(client, user, short_path)
    enrol(client, user, long_path)
    enrol(client, add_user(client), other_path)
    complete(client, user, one)
    complete(client, user, two)

    response = client.get(f"/users/{user['id']}/progress")

    assert response.status_code == 200
    assert response.json() == {
        "user_id": user["id"],
        "paths": [
            {
                "path_id": long_path["id"],
                "title": "The long way",
                "challenges": 4,
                "completed": 2,
                "share": 0.5,
            },
            {
                "path_id": short_path["id"],
                "title": "The short way",
                "challenges": 2,
                "completed": 2,
                "share": 1.0,
            },
        ],
    }


def test_progress_counts_only_what_the_learner_completed_before_enrolling_too(client, user, challenge):
    path = lay_path(client, challenge, add_challenge(client, user))
    early, late = add_user(client), add_user(client)
    complete(client, early, challenge)
    enrol(client, early, path)
    enrol(client, late, path)

    progress = [client.get(f"/users/{learner['id']}/progress").json()["paths"] for learner in (early, late)]

    assert [[one["completed"], one["share"]] for [one] in progress] == [[1, 0.5], [0, 0.0]]


def test_a_path_without_challenges_has_a_share_of_zero(client, user):
    path = lay_path(client, title="To be continued")
    enrol(client, user, path)

    response = client.get(f"/users/{user['id']}/progress")

    assert response.status_code == 200
    empty = {"path_id": path["id"], "title": "To be continued", "challenges": 0, "completed": 0, "share": 0.0}
    assert response.json() == {"user_id": user["id"], "paths": [empty]}


def test_a_completion_is_answered_with_204_and_counted_once(client, user, challenge):
    path = f"/challenges/{challenge['id']}/completions/{user['id']}"

    first, second = client.put(path), client.put(path)

    assert [first.status_code, first.content] == [204, b""]
    assert [second.status_code, second.content] == [204, b""]
    assert client.get(f"/challenges/{challenge['id']}").json() == challenge | {"completions": 1}


def test_a_rating_is_answered_with_204_and_joins_the_feedback(client, user, challenge):
    response = client.put(f"/challenges/{challenge['id']}/ratings/{user['id']}", json={"stars": 4})

    assert response.status_code == 204
    assert response.content == b""
    [entry] = feedback_on(client, challenge)["items"]
    assert entry == {
        "id": entry["id"],
        "kind": "rating",
        "user_id": user["id"],
        "stars": 4,
        "text": None,
        "created_at": entry["created_at"],
    }


def test_a_second_rating_by_the_same_user_replaces_the_first_in_its_place(client, user, challenge):
    rate(client, user, challenge, 1)
    rate(client, add_user(client), challenge, 3)
    newer, older = feedback_on(client, challenge)["items"]

    response = client.put(f"/challenges/{challenge['id']}/ratings/{user['id']}", json={"stars": 5})

    assert response.status_code == 204
    assert feedback_on(client, challenge)["items"] == [newer, older | {"stars": 5}]


FEEDBACK_NOT_VALID = {
    "no star": ("PUT", "ratings/{user}", {"stars": 0}),
    "six stars": ("PUT", "ratings/{user}", {"stars": 6}),
    "half a star": ("PUT", "ratings/{user}", {"stars": 4.5}),
    "stars are a string": ("PUT", "ratings/{user}", {"stars": "4"}),
    "stars are true": ("PUT", "ratings/{user}", {"stars": True}),
    "no stars": ("PUT", "ratings/{user}", {}),
    "empty text": ("POST", "comments", {"text": ""}),
    "blank text": ("POST", "comments", {"text": " \n"}),
    "text is null": ("POST", "comments", {"text": None}),
}


def test_feedback_that_is_not_valid_is_422_and_changes_nothing(client, user, challenge):
    rate(client, user, challenge, 1)
    rate(client, add_user(client), challenge, 5)
    comment(client, user, challenge, "Nice")
    before = feedback_on(client, challenge)
    root = f"/challenges/{challenge['id']}"

    statuses = {
        name: client.request(
            method, f"{root}/{path.format(user=user['id'])}", json={"user_id": user["id"], **payload}
        ).status_code
        for name, (method, path, payload) in FEEDBACK_NOT_VALID.items()
    }

    assert statuses == dict.fromkeys(FEEDBACK_NOT_VALID, 422)
    assert feedback_on(client, challenge) == before


def test_a_comment_is_answered_with_201_and_the_comment(client, user, challenge, values):
    text = f" {values.text()}\n☕"

    response = client.post(
        f"/challenges/{challenge['id']}/comments", json={"user_id": user["id"], "text": text}
    )

    assert response.status_code == 201
    entry = response.json()
    assert entry == {
        "id": entry["id"],
        "kind": "comment",
        "user_id": user["id"],
        "stars": None,
        "text": text,
        "created_at": entry["created_at"],
    }
    assert feedback_on(client, challenge)["items"] == [entry]


def test_a_mentor_views_all_feedback_left_on_a_challenge_newest_first(client, user, challenge):
    mentor = add_user(client)
    comment(client, mentor, add_challenge(client, mentor), "On another challenge")
    first = comment(client, user, challenge, "Hard to follow")
    rate(client, user, challenge, 2)
    second = comment(client, user, challenge, "Clear now")
    rate(client, mentor, challenge, 5)

    response = client.get(f"/challenges/{challenge['id']}/feedback")

    assert response.status_code == 200
    page = response.json()
    mentors, users = page["items"][0], page["items"][2]
    assert page == {"items": [mentors, second, users, first], "page": 1, "size": 10, "total": 4, "pages": 1}
    assert [mentors["user_id"], mentors["stars"]] == [mentor["id"], 5]
    assert [users["user_id"], users["stars"]] == [user["id"], 2]


def test_a_user_pages_through_feedback_10_entries_per_page(client, user, challenge):
    left = [comment(client, user, challenge, str(number)) for number in range(23)]
    newest_first = left[::-1]

    pages = [feedback_on(client, challenge, page=page) for page in (1, 2, 3)]

    whole = {"size": 10, "total": 23, "pages": 3}
    assert pages == [
        {"items": newest_first[:10], "page": 1, **whole},
        {"items": newest_first[10:20], "page": 2, **whole},
        {"items": newest_first[20:], "page": 3, **whole},
    ]


def test_a_designer_updates_the_difficulty_and_the_description_of_a_challenge(client, challenge, values):
    change = {"difficulty": "advanced", "description": values.text()}

    response = client.patch(f"/challenges/{challenge['id']}", json=change)

    assert response.status_code == 200
    assert response.json() == challenge | change
    assert client.get(f"/challenges/{challenge['id']}").json() == challenge | change


def test_a_change_leaves_alone_what_it_does_not_mention(client, user, challenge, values):
    complete(client, user, challenge)
    changes = [
        {"title": values.text()},
        {"topic": values.text()},
        {"designer_id": add_user(client)["id"]},
        {},
    ]

    responses = [client.patch(f"/challenges/{challenge['id']}", json=change) for change in changes]

    expected = challenge | {"completions": 1} | changes[0] | changes[1] | changes[2]
    assert [response.status_code for response in responses] == [200, 200, 200, 200]
    assert responses[-1].json() == expected
    assert client.get(f"/challenges/{challenge['id']}").json() == expected


def test_a_change_that_is_not_valid_is_422_and_changes_nothing(client, challenge, values):
    wrong = [
        {"title": " "},
        {"description": None},
        {"difficulty": "easy"},
        {"topic": ""},
        {"tags": None},
        {"tags": [""]},
        {"designer_id": None},
    ]

    responses = [
        client.patch(f"/challenges/{challenge['id']}", json={"title": values.text(), **change})
        for change in wrong
    ]

    assert [response.status_code for response in responses] == [422] * len(wrong)
    assert client.get(f"/challenges/{challenge['id']}").json() == challenge


def test_a_changed_challenge_is_found_by_what_it_is_now(client, user, values):
    old_tag, new_tag, old_word, new_word = (
        f"{word}{values.randrange(10**9)}" for word in ("a", "b", "c", "d")
    )
    other = add_challenge(client, user, tags=[new_tag], difficulty="intermediate")
    challenge = add_challenge(client, user, tags=[old_tag], title=old_word, difficulty="beginner")
    complete(client, user, challenge)

    change = {"tags": [new_tag], "title": new_word, "difficulty": "advanced"}
    changed = client.patch(f"/challenges/{challenge['id']}", json=change).raise_for_status().json()

    assert browse(client, tag=new_tag, sort="difficulty")["items"] == [other, changed]
    assert browse(client, tag=new_tag, sort="popularity")["items"] == [changed, other]
    assert browse(client, search=new_word)["items"] == [changed]
    assert browse(client, tag=old_tag)["items"] == []
    assert browse(client, search=old_word)["items"] == []


def test_a_user_browses_all_challenges_tagged_python_sorted_by_difficulty(fresh_client):
    user = add_user(fresh_client)
    levels = ["intermediate", "advanced", "beginner", "advanced", "beginner"]
    tagged = [add_challenge(fresh_client, user, difficulty=level, tags=["Python"]) for level in levels]
    add_challenge(fresh_client, user, tags=["Pythonic", "Rust"], title="Python", topic="Python")

    response = fresh_client.get("/challenges", params={"tag": "Python", "sort": "difficulty"})

    assert response.status_code == 200
    in_order = [tagged[2], tagged[4], tagged[0], tagged[1], tagged[3]]
    assert response.json() == {"items": in_order, "page": 1, "size": 10, "total": 5, "pages": 1}


def test_the_letter_case_of_tags_does_not_matter(client, user, values):
    tag = f"Économie {values.text()}"
    challenge = add_challenge(client, user, tags=[tag, "Other", tag.upper()])

    pages = [browse(client, tag=wanted) for wanted in (tag, tag.lower(), tag.upper())]

    assert challenge["tags"] == [tag, "Other"]
    assert [page["items"] for page in pages] == [[challenge], [challenge], [challenge]]
    assert [page["total"] for page in pages] == [1, 1, 1]


def test_of_several_tags_a_challenge_must_have_all(client, user, values):
    one, two, three = (values.text() for _ in range(3))
    all_of_them = add_challenge(client, user, tags=[three, one, two])
    add_challenge(client, user, tags=[one, two])
    add_challenge(client, user, tags=[three])

    page = browse(client, tag=[one, three, two.upper(), one])

    assert page == {"items": [all_of_them], "page": 1, "size": 10, "total": 1, "pages": 1}


def test_challenges_are_filtered_by_topic_and_by_difficulty(client, user, values):
    topic, other = values.text(), values.text()
    hard, easy = (
        add_challenge(client, user, topic=topic, difficulty=level) for level in ("advanced", "beginner")
    )
    hard_too = add_challenge(client, user, topic=other, difficulty="advanced")

    by_topic = browse(client, topic=topic, order="asc")["items"]
    by_both = browse(client, topic=topic, difficulty="advanced")["items"]
    by_difficulty = browse(client, difficulty="advanced", size=2)["items"]

    assert by_topic == [hard, easy]
    assert by_both == [hard]
    assert by_difficulty == [hard_too, hard]


def test_challenges_are_filtered_by_what_a_user_has_completed_or_not(client, user, values):
    topic, learner = values.text(), add_user(client)
    done, open_still, others = (add_challenge(client, user, topic=topic) for _ in range(3))
    complete(client, learner, done)
    complete(client, user, others)
    done["completions"] = others["completions"] = 1

    completed = browse(client, topic=topic, completed_by=learner["id"])
    missing = browse(client, topic=topic, not_completed_by=learner["id"], order="asc")
    both = browse(client, topic=topic, not_completed_by=learner["id"], completed_by=user["id"])

    assert [completed["items"], completed["total"]] == [[done], 1]
    assert [missing["items"], missing["total"]] == [[open_still, others], 2]
    assert both["items"] == [others]


def test_all_filters_together_narrow_the_list(client, user, values):
    tag, topic, word = values.text(), values.text(), f"word{values.randrange(10**9)}"
    wanted = {"tags": [tag], "topic": topic, "difficulty": "advanced", "title": word}
    match = add_challenge(client, user, **wanted)
    complete(client, user, match)
    for name, value in {"tags": [], "topic": "x", "difficulty": "beginner", "title": "x"}.items():
        complete(client, user, add_challenge(client, user, **wanted | {name: value}))
    add_challenge(client, user, **wanted)

    query = {"tag": tag, "topic": topic, "difficulty": "advanced", "search": word, "completed_by": user["id"]}
    pages = [
        browse(client, **query, sort=sort) for sort in ("relevance", "difficulty", "popularity", "newest")
    ]

    match["completions"] = 1
    assert [page["items"] for page in pages] == [[match]] * 4
    assert [page["total"] for page in pages] == [1] * 4


def test_a_search_finds_each_of_its_words_in_the_title_or_in_the_description(client, user, values):
    one, two = (f"{word}{values.randrange(10**9)}" for word in ("Alpha", "Beta"))
    both = add_challenge(client, user, title=f"About {one}", description=f"and ({two}), too")
    only_one = add_challenge(client, user, description=f"Only:{one}.")

    found = {
        search: ids(browse(client, search=search, order="asc", sort="newest")["items"])
        for search in (
            one,
            one.lower(),
            f"{two} {one}".upper(),
            one[:-1],
            one[1:],
            f"{one} missing",
        )
    }

    assert found == {
        one: [both["id"], only_one["id"]],
        one.lower(): [both["id"], only_one["id"]],
        f"{two} {one}".upper(): [both["id"]],
        one[:-1]: [both["id"], only_one["id"]],
        one[1:]: [],
        f"{one} missing": [],
    }


def test_signs_and_the_words_of_query_languages_are_harmless_in_a_search(client, user, values):
    word = f"word{values.randrange(10**9)}"
    challenge = add_challenge(client, user, title="And, or, not, near", description=f"A title: {word}")
    # "near" stands in the title and the word in the description: neither is a phrase, and signs only part them
    add_challenge(client, user)
    patterns = [
        '"{}',
        "({}",
        "{}*",
        "title : ^{}",
        "-{} +",
        "%_'; {}--",
        "\0{}\0",
        "title NOT {}",
        "{} AND",
        "NEAR OR {}",
        "near-{},title_and",
    ]

    with_word = [client.get("/challenges", params={"search": pattern.format(word)}) for pattern in patterns]
    without_word = [client.get("/challenges", params={"search": pattern.format("")}) for pattern in patterns]

    assert [response.status_code for response in with_word + without_word] == [200] * 2 * len(patterns)
    assert [response.json()["items"] for response in with_word] == [[challenge]] * len(patterns)


def test_sorted_by_relevance_a_title_that_matches_comes_before_a_description(client, user, values):
    word = f"word{values.randrange(10**9)}"
    in_title = add_challenge(client, user, title=f"One of many words here is {word}")
    in_description = add_challenge(client, user, description=f"{word} {word} {word}")

    best_first = browse(client, search=word, sort="relevance")
    best_last = browse(client, search=word, sort="relevance", order="asc")

    assert best_first["items"] == [in_title, in_description]
    assert best_last["items"] == [in_description, in_title]


def test_sorted_by_popularity_the_most_completed_come_first(client, user, values):
    tag, topic = values.text(), values.text()
    once, never, twice = (add_challenge(client, user, tags=[tag], topic=topic) for _ in range(3))
    complete(client, user, once)
    complete(client, user, twice)
    complete(client, add_user(client), twice)

    by_tag = browse(client, tag=tag, sort="popularity")["items"]
    by_topic = browse(client, topic=topic, sort="popularity")["items"]
    reverse = browse(client, tag=tag, sort="popularity", order="asc")["items"]

    in_order = [twice | {"completions": 2}, once | {"completions": 1}, never]
    assert [by_tag, by_topic, reverse] == [in_order, in_order, in_order[::-1]]


def test_without_a_sort_a_search_is_sorted_by_relevance_and_all_else_newest_first(client, user, values):
    word, topic = f"word{values.randrange(10**9)}", values.text()
    in_title = add_challenge(client, user, title=word, topic=topic)
    in_description = add_challenge(client, user, description=word, topic=topic)
    newest = add_challenge(client, user, topic=topic)

    lists = [
        browse(client, search=word),
        browse(client, topic=topic),
        browse(client, topic=topic, sort="newest"),
    ]

    by_age = [newest, in_description, in_title]
    assert [page["items"] for page in lists] == [[in_title, in_description], by_age, by_age]


def test_equal_challenges_are_ordered_by_their_ids_in_the_direction_of_the_sort(client, user, values):
    word = f"word{values.randrange(10**9)}"
    equal = ids([add_challenge(client, user, title=word, tags=[word]) for _ in range(5)])

    lists = [
        [ids(browse(client, sort=sort, order=order, size=3, page=page, **query)["items"]) for page in (1, 2)]
        for sort in ("relevance", "difficulty", "popularity", "newest")
        for query in ({"search": word}, {"search": word, "tag": word})
        for order in ("asc", "desc")
    ]

    ascending, descending = [equal[:3], equal[3:]], [equal[:1:-1], equal[1::-1]]
    assert lists == [ascending, descending] * 8


def test_every_list_is_answered_in_pages(fresh_client):
    users = [add_user(fresh_client, name) for name in ("Ada", "Bob", "Cleo")]
    challenges = [add_challenge(fresh_client, users[0]) for _ in range(3)]
    paths = [lay_path(fresh_client, *challenges[:number]) for number in range(3)]
    entries = [comment(fresh_client, user, challenges[0], "Nice") for user in users]

    lists = ["/users", "/paths", "/challenges", f"/challenges/{challenges[0]['id']}/feedback"]
    firsts = [fresh_client.get(path, params={"size": 2}).json() for path in lists]
    seconds = [fresh_client.get(path, params={"size": 2, "page": 2}).json() for path in lists]

    whole = {"size": 2, "total": 3, "pages": 2}
    in_order = [users, paths, challenges[::-1], entries[::-1]]
    assert firsts == [{"items": items[:2], "page": 1, **whole} for items in in_order]
    assert seconds == [{"items": items[2:], "page": 2, **whole} for items in in_order]


def test_a_page_beyond_the_end_is_empty(client, user, challenge, values):
    tag = values.text()
    add_challenge(client, user, tags=[tag])
    comment(client, user, challenge, "Nice")

    pages = [browse(client, tag=tag, page=2), feedback_on(client, challenge, page=10**9)]
    empty = browse(client, tag=values.text())

    whole = {"size": 10, "total": 1, "pages": 1}
    assert pages == [{"items": [], "page": 2, **whole}, {"items": [], "page": 10**9, **whole}]
    assert empty == {"items": [], "page": 1, "size": 10, "total": 0, "pages": 0}


def test_a_page_a_filter_or_a_sort_that_is_not_valid_is_422(client, challenge):
    lists = ["/users", "/paths", "/challenges", f"/challenges/{challenge['id']}/feedback"]
    wrong_pages = [{"page": 0}, {"page": -1}, {"page": "first"}, {"size": 0}, {"size": 101}]
    wrong_filters = [
        {"tag": " "},
        {"tag": [str(number) for number in range(21)]},
        {"topic": ""},
        {"search": " "},
        {"difficulty": "hard"},
        {"completed_by": "me"},
        {"sort": "title"},
        {"sort": "relevance"},
        {"order": "down"},
    ]

    pages = [client.get(path, params=query).status_code for path in lists for query in wrong_pages]
    filters = [client.get("/challenges", params=query).status_code for query in wrong_filters]

    assert pages == [422] * 20
    assert filters == [422] * 9
    assert [client.get(path, params={"size": 100}).status_code for path in lists] == [200] * 4
    assert browse(client, page=1, size=1, sort="newest")["items"] == [challenge]


def test_two_hundred_completions_and_ratings_at_once_are_all_counted(client, challenge, at_once):
    users = at_once(100, lambda number: add_user(client, str(number)))
    send = [
        lambda number: complete(client, users[number], challenge),
        lambda number: rate(client, users[number], challenge, number % 5 + 1),
    ]

    at_once(200, lambda number: send[number % 2](number // 2))

    by_tag = browse(client, tag=challenge["tags"][0], sort="popularity")["items"]
    assert by_tag == [challenge | {"completions": 100}]
    entries = feedback_on(client, challenge, size=100)["items"]
    stars = {entry["user_id"]: entry["stars"] for entry in entries}
    assert stars == {user["id"]: number % 5 + 1 for number, user in enumerate(users)}
    assert len(set(ids(entries))) == len(set(ids(users))) == 100


def test_completions_and_ratings_of_one_user_at_once_leave_one_of_each(client, user, challenge, at_once):
    at_once(20, lambda _: complete(client, user, challenge))
    at_once(20, lambda _: rate(client, user, challenge, 4))

    assert client.get(f"/challenges/{challenge['id']}").json()["completions"] == 1
    page = feedback_on(client, challenge)
    assert [page["total"], [entry["stars"] for entry in page["items"]]] == [1, [4]]


def test_what_was_answered_outlives_a_restart_and_a_kill(launch, values):
    server = launch()
    client, tag = server.client, values.text()
    user = add_user(client)
    challenge = add_challenge(client, user, tags=[tag])
    path = lay_path(client, challenge)
    enrol(client, user, path)
    entry = comment(client, user, challenge, "Nice")
    server.restart()
    complete(client, user, challenge)

    server.kill()

    progress = {"path_id": path["id"], "title": path["title"], "challenges": 1, "completed": 1, "share": 1.0}
    assert client.get(f"/users/{user['id']}/progress").json() == {"user_id": user["id"], "paths": [progress]}
    assert client.get(f"/paths/{path['id']}").json() == path
    assert browse(client, tag=tag)["items"] == [challenge | {"completions": 1}]
    assert feedback_on(client, challenge)["items"] == [entry]
    assert add_user(client)["id"] != user["id"]
