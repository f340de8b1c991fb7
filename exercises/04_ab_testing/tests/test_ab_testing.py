"""The acceptance tests of exercise 4: one for each criterion of the ticket."""

import json
from collections import Counter
from contextlib import suppress
from math import prod
from time import monotonic, sleep

import pytest

SIGNUP = "new-signup-flow"
PRICING = "pricing-model-test"
VARIANTS = {SIGNUP: {"control", "new-design"}, PRICING: {"tier-a", "tier-b", "tier-c"}}
USERS = [f"user-{number}" for number in range(1, 201)]
LIMIT = 30
"""With at most 2 degrees of freedom, chance alone brings a chi-square above this once in three million times."""
PATIENCE = 1.5
"""Seconds that a change may take: the ticket's one, and something for a busy machine."""
END_LIMIT = 5.0
"""Seconds that an app which has refused its configuration may take to end."""


def assign(client, experiment, user):
    """Give the variant of a user; a test that fails here says which answer came."""
    params = {"experiment_name": experiment, "user_id": user}
    return client.get("/assign", params=params).raise_for_status().json()["variant"]


def assign_all(client, experiment, users):
    """Give the variant of each of these users."""
    return [assign(client, experiment, user) for user in users]


def chi_square(observed, expected):
    """Tell how far counts are from what was expected: Pearson's sum of (observed - expected)² / expected."""
    return sum((observed[key] - expected[key]) ** 2 / expected[key] for key in expected)


def expected_counts(weights, users):
    """Give for each variant the count that is exactly its share."""
    return {variant: len(users) * weight / sum(weights.values()) for variant, weight in weights.items()}


def experiment(**weights):
    """Describe an experiment with these variants and weights, as its file does."""
    return {"variants": list(weights), "weights": list(weights.values())}


def start(launch, **experiments):
    """Start the app with a file of these experiments."""
    return launch(files={"experiments.json": json.dumps(experiments)}, EXPERIMENTS_FILE="experiments.json")


def write(files, name, text):
    """Write into a file."""
    files.write(name, text)


def remove(files, name, _text):
    """Take a file away."""
    files.remove(name)


def wait_for(look):
    """Look every 20 ms until what is looked for is there, or our patience at its end; say whether it is there."""
    deadline = monotonic() + PATIENCE
    while not (found := look()) and monotonic() < deadline:
        sleep(0.02)
    return found


def wait_for_log(server, word, ask):
    """Ask until a word stands in what the app has logged from now on; say whether it does."""
    start = len(server.log)

    def look():
        ask()
        return word in server.log[start:]

    return wait_for(look)


def failed_start(server):
    """Give the exit status of an app that does not start, or `None` for one that runs.

    It is asked something first, so that an app which runs is known at once; one that has ended cannot answer.
    """
    with suppress(Exception):
        server.client.get("/assign")
        return None
    return server.wait_end(END_LIMIT)


def new_name(values):
    """Give a name that stands in nobody's code."""
    return values.text().replace(" ", "-")


@pytest.fixture
def name(values):
    return new_name(values)


@pytest.mark.parametrize("asked", [SIGNUP, PRICING])
def test_a_user_is_assigned_a_variant_of_the_experiment(client, values, asked):
    user = f"  {values.text()} ☕ & = + % /"

    response = client.get("/assign", params={"experiment_name": asked, "user_id": user})

    assert response.status_code == 200
    answer = response.json()
    assert answer == {"user_id": user, "experiment_name": asked, "variant": answer["variant"]}
    assert answer["variant"] in VARIANTS[asked]


@pytest.mark.parametrize("unknown", ["old-signup-flow", "New-Signup-Flow", " new-signup-flow"])
def test_an_experiment_that_is_not_configured_is_not_found(client, name, unknown):
    assert assign(client, SIGNUP, name) in VARIANTS[SIGNUP]

    response = client.get("/assign", params={"experiment_name": unknown, "user_id": name})

    assert response.status_code == 404


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"experiment_name": SIGNUP}, id="no user"),
        pytest.param({"experiment_name": SIGNUP, "user_id": ""}, id="empty user"),
        pytest.param({"experiment_name": SIGNUP, "user_id": " \t\n"}, id="blank user"),
        pytest.param({"user_id": "anna"}, id="no experiment"),
        pytest.param({"experiment_name": "", "user_id": "anna"}, id="empty experiment"),
        pytest.param({"experiment_name": "  ", "user_id": "anna"}, id="blank experiment"),
    ],
)
def test_a_parameter_that_is_missing_or_blank_is_422(client, params):
    assert assign(client, SIGNUP, "anna") in VARIANTS[SIGNUP]

    response = client.get("/assign", params=params)

    assert response.status_code == 422


def test_a_user_has_the_same_variant_on_every_call(client, values):
    users = [values.text() for _ in range(4)]

    rounds = [assign_all(client, PRICING, users) for _ in range(10)]

    assert rounds == [rounds[0]] * 10


def test_two_hundred_requests_at_once_find_each_user_with_one_variant(client, values, at_once):
    users = [values.text() for _ in range(20)]
    asked = [{"experiment_name": PRICING, "user_id": users[number % 20]} for number in range(200)]

    answers = at_once(200, lambda number: client.get("/assign", params=asked[number]).json())

    assert [{**answer, "variant": None} for answer in answers] == [{**one, "variant": None} for one in asked]
    assert len({(answer["user_id"], answer["variant"]) for answer in answers}) == 20


def test_a_user_has_the_same_variant_after_a_restart_and_in_another_process(launch, values):
    server, other = launch(), launch()
    users = [values.text() for _ in range(20)]
    before = assign_all(server.client, PRICING, users)

    server.restart()
    other.restart()

    assert assign_all(server.client, PRICING, users) == before
    assert assign_all(other.client, PRICING, reversed(users)) == before[::-1]


def test_the_shares_of_many_users_agree_with_the_weights(client):
    expected = expected_counts({"tier-a": 60, "tier-b": 20, "tier-c": 20}, USERS)

    counts = Counter(assign_all(client, PRICING, USERS))

    assert counts.keys() <= expected.keys()
    assert chi_square(counts, expected) < LIMIT


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param({"a": 1, "b": 1}, id="1 1"),
        pytest.param({"a": 0.5, "b": 0.5}, id="0.5 0.5"),
        pytest.param({"a": 200, "b": 200, "c": 600}, id="200 200 600"),
    ],
)
def test_weights_need_not_sum_to_100(launch, weights):
    server = start(launch, colour=experiment(**weights))

    counts = Counter(assign_all(server.client, "colour", USERS[:40]))

    assert counts.keys() <= weights.keys()
    assert chi_square(counts, expected_counts(weights, USERS[:40])) < LIMIT


def test_a_weight_of_0_is_never_given(launch):
    server = start(
        launch,
        first=experiment(never=0, a=1),
        middle=experiment(a=1, never=0, b=1),
        last=experiment(a=1, never=0),
    )

    given = [set(assign_all(server.client, name, USERS[:20])) for name in ("first", "middle", "last")]

    assert given == [{"a"}, {"a", "b"}, {"a"}]


def test_two_experiments_split_the_same_users_independently(launch):
    server = start(launch, colour=experiment(red=50, blue=50), shape=experiment(round=50, square=50))
    users = USERS[:40]

    colours, shapes = (assign_all(server.client, name, users) for name in ("colour", "shape"))

    margins = [Counter(colours), Counter(shapes)]
    pairs = [(colour, shape) for colour in margins[0] for shape in margins[1]]
    expected = {
        pair: prod(margin[one] for margin, one in zip(margins, pair, strict=True)) / 40 for pair in pairs
    }
    assert len(expected) == 4
    assert chi_square(Counter(zip(colours, shapes, strict=True)), expected) < LIMIT


def test_the_experiments_are_those_of_the_file_that_experiments_file_names(launch, name):
    text = json.dumps({name: experiment(only=100)})

    server = launch(files={f"{name}.json": text}, EXPERIMENTS_FILE=f"{name}.json")

    assert assign(server.client, name, "anna") == "only"
    params = {"experiment_name": SIGNUP, "user_id": "anna"}
    assert server.client.get("/assign", params=params).status_code == 404


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param('{"variants": ["a", "b"], "weights": [50, 30, 20]}', id="more weights than variants"),
        pytest.param('{"variants": ["a", "b", "c"], "weights": [50, 50]}', id="more variants than weights"),
        pytest.param('{"variants": ["a", "b"], "weights": [101, -1]}', id="negative weight"),
        pytest.param('{"variants": ["a", "b"], "weights": [0, 0]}', id="all weights 0"),
        pytest.param('{"variants": ["a", "b"], "weights": ["50", "50"]}', id="weights are strings"),
        pytest.param('{"variants": ["a", "b"], "weights": [50, true]}', id="weight is true"),
        pytest.param('{"variants": ["a", "b"], "weights": [50, 1e999]}', id="weight is not finite"),
        pytest.param('{"variants": [], "weights": []}', id="no variants"),
        pytest.param('{"variants": ["a", "a"], "weights": [50, 50]}', id="a variant twice"),
        pytest.param('{"variants": ["a", " "], "weights": [50, 50]}', id="blank variant"),
        pytest.param('{"variants": ["a", "b"]}', id="weights left out"),
        pytest.param('{"variants": ["a"], "weights": [1], "weight": [2]}', id="unknown key"),
        pytest.param('["a", "b"]', id="not an object"),
    ],
)
def test_an_experiment_that_is_not_valid_stops_the_start_and_the_message_names_it(launch, name, fault):
    text = f'{{"good": {{"variants": ["a"], "weights": [1]}}, "{name}": {fault}}}'

    server = launch(files={"experiments.json": text}, EXPERIMENTS_FILE="experiments.json")

    assert failed_start(server) not in {None, 0}
    assert name in server.log


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        pytest.param("", '{"good": {"variants": ["a"], "weights": [1]}', id="not JSON"),
        pytest.param("", '[{"variants": ["a"], "weights": [1]}]', id="not an object"),
        pytest.param(".bak", '{"good": {"variants": ["a"], "weights": [1]}}', id="not there"),
    ],
)
def test_a_file_without_a_json_object_stops_the_start_and_the_message_names_it(launch, name, ending, text):
    server = launch(files={f"{name}.json{ending}": text}, EXPERIMENTS_FILE=f"{name}.json")

    assert failed_start(server) not in {None, 0}
    assert f"{name}.json" in server.log


@pytest.mark.parametrize("save", ["write", "replace"])
def test_a_change_of_the_file_changes_the_answers_within_a_second(launch, name, save):
    server = start(launch, colour=experiment(red=100, blue=0), older=experiment(a=100))
    assert assign(server.client, "colour", name) == "red"
    assert assign(server.client, "older", name) == "a"

    text = json.dumps({"colour": experiment(red=0, blue=100), "newer": experiment(b=100)})
    getattr(server.files, save)("experiments.json", text)

    assert wait_for(lambda: assign(server.client, "colour", name) == "blue")
    assert assign(server.client, "newer", name) == "b"
    params = {"experiment_name": "older", "user_id": name}
    assert server.client.get("/assign", params=params).status_code == 404


@pytest.mark.parametrize(
    ("change", "text", "named"),
    [
        pytest.param(
            write,
            '{"colour": {"variants": ["blue"], "weights": [1]}, "NAME": {"variants": ["a"], "weights": [-1]}}',
            "NAME",
            id="experiment not valid",
        ),
        pytest.param(write, '{"colour": {"variants": ["blue"], "weights"', "FILE", id="half written"),
        pytest.param(remove, "", "FILE", id="removed"),
    ],
)
def test_a_change_that_is_not_valid_is_logged_and_the_last_good_one_stays(
    launch, values, change, text, named
):
    names = {"NAME": new_name(values), "FILE": f"{new_name(values)}.json"}
    good = json.dumps({"colour": experiment(red=100)})
    server = launch(files={names["FILE"]: good}, EXPERIMENTS_FILE=names["FILE"])
    assert assign(server.client, "colour", "anna") == "red"

    change(server.files, names["FILE"], text.replace("NAME", names["NAME"]))

    assert wait_for_log(server, names[named], lambda: assign(server.client, "colour", "anna"))
    assert assign(server.client, "colour", "anna") == "red"


def test_a_good_change_after_one_that_is_not_valid_is_taken(launch, name):
    server = start(launch, colour=experiment(red=100))
    assert assign(server.client, "colour", name) == "red"
    bad = {"colour": experiment(blue=100), name: experiment(a=-1)}
    server.files.write("experiments.json", json.dumps(bad))
    wait_for_log(server, name, lambda: assign(server.client, "colour", name))

    server.files.write("experiments.json", json.dumps({"colour": experiment(green=100)}))

    assert wait_for(lambda: assign(server.client, "colour", name) == "green")
