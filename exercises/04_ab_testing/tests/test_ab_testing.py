"""The acceptance tests of exercise 4: one for each criterion of the ticket.

Shares and independence are judged with samples that are the same in every run. The limits are such that all samples
together refuse less than one right app in a billion, whatever hash it uses: the tails of the distributions were summed
exactly. Beside each sample stand the wrong schemes that it must catch.
"""

import json
from collections import Counter
from contextlib import suppress
from fractions import Fraction
from itertools import combinations, islice, product

import pytest

SIGNUP = "new-signup-flow"
PRICING = "pricing-model-test"
PRICES = {"tier-a": 60, "tier-b": 20, "tier-c": 20}
VARIANTS = {SIGNUP: {"control", "new-design"}, PRICING: PRICES.keys()}
BLANK = "<blank>"
"""Stands for one blank text after the other."""
SECONDS = 1.5
"""How long a change may take: the ticket's one second, and something for a busy machine."""
END_SECONDS = 5.0
"""How long an app that has refused its configuration may take to end."""
SHARES_LIMIT = 52
"""Chance exceeds it less than once in 10^10 times: 2 to 4 variants, and a count of 15 or more expected for each."""
WAYS = 8
"""How many requests of a sample are under way at the same time."""


def assign(client, experiment_name, user_id, headers=None, **others):
    """Return the variant of a user; a test that fails here says what the app answered."""
    params = {"experiment_name": experiment_name, "user_id": user_id, **others}
    return client.get("/assign", params=params, headers=headers).raise_for_status().json()["variant"]


def status_of(client, experiment_name, user_id):
    return client.get("/assign", params={"experiment_name": experiment_name, "user_id": user_id}).status_code


@pytest.fixture
def sample(at_once):
    """Return the variants of many pairs of an experiment and a user, in their order."""

    def sample(client, pairs, **others):
        parts = at_once(WAYS, lambda way: [assign(client, *pair, **others) for pair in pairs[way::WAYS]])
        return [parts[number % WAYS][number // WAYS] for number in range(len(pairs))]

    return sample


def users(count):
    return [f"user-{number}" for number in range(1, count + 1)]


def chi_square(variants, weights):
    """Return how far counts are from their shares: Pearson's sum of (observed - expected)² / expected."""
    counts = Counter(variants)
    total = sum(map(Fraction, weights.values()))
    expected = {name: len(variants) * Fraction(weight) / total for name, weight in weights.items()}
    return float(sum((counts[name] - expected[name]) ** 2 / expected[name] for name in expected))


def experiment(**weights):
    """Describe an experiment with these variants and weights, as its file does."""
    return {"variants": list(weights), "weights": list(weights.values())}


def start(launch, **experiments):
    """Start the app with a file of these experiments."""
    return launch(files={"experiments.json": json.dumps(experiments)}, EXPERIMENTS_FILE="experiments.json")


def failed_start(server):
    """Return the exit status of an app that does not start, or `None` for one that runs.

    A request comes first, so that an app which runs is known at once; one that has ended cannot answer.
    """
    with suppress(Exception):
        server.client.get("/assign")
        return None
    return server.wait_end(END_SECONDS)


def new_name(values):
    """Return a name that stands in nobody's code."""
    return values.text().replace(" ", "-")


@pytest.fixture
def name(values):
    return new_name(values)


@pytest.mark.parametrize(
    ("asked", "user"),
    [
        pytest.param(SIGNUP, "user-42", id="the ticket's example"),
        pytest.param(PRICING, "user-42", id="three variants"),
        pytest.param(SIGNUP, "☕ & = + % / ?", id="signs that URLs escape"),
        pytest.param(SIGNUP, "\ufeffan\x00na", id="invisible characters"),
        pytest.param(SIGNUP, "\u200b", id="one invisible character"),
    ],
)
def test_a_user_is_assigned_a_variant_of_the_experiment(client, asked, user):
    response = client.get("/assign", params={"experiment_name": asked, "user_id": user})

    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == "application/json"
    answer = response.json()
    assert answer == {"user_id": user, "experiment_name": asked, "variant": answer["variant"]}
    assert answer["variant"] in VARIANTS[asked]


def test_users_experiments_and_variants_have_any_names(launch, kept_text):
    others = [f"{kept_text}{ending}" for ending in (" ", "A", "a", "\u00e9", "e\u0301")]
    described = {kept_text: {"variants": [kept_text, *others], "weights": [1, 0, 0, 0, 0, 0]}}
    text = json.dumps(described, ensure_ascii=False)
    server = launch(files={"experiments.json": text}, EXPERIMENTS_FILE="experiments.json")

    response = server.client.get("/assign", params={"experiment_name": kept_text, "user_id": kept_text})

    assert response.status_code == 200
    assert response.json() == {"user_id": kept_text, "experiment_name": kept_text, "variant": kept_text}


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param("old-signup-flow", id="another name"),
        pytest.param("New-Signup-Flow", id="capitals"),
        pytest.param(" new-signup-flow", id="a blank before it"),
        pytest.param("new-signup-flow\n", id="a line break behind it"),
        pytest.param("new-signup", id="the beginning"),
        pytest.param("new-signup-flow-2", id="more"),
        pytest.param("new_signup_flow", id="underscores"),
        pytest.param("..", id="two dots"),
        pytest.param("user_id", id="the other parameter's name"),
    ],
)
def test_an_unknown_experiment_is_not_found(client, name, unknown):
    assert assign(client, SIGNUP, name) in VARIANTS[SIGNUP]

    response = client.get("/assign", params={"experiment_name": unknown, "user_id": name})

    assert response.status_code == 404


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({}, id="both"),
        pytest.param({"experiment_name": SIGNUP}, id="the user"),
        pytest.param({"user_id": "anna"}, id="the experiment"),
        pytest.param({"experiment_name": "old-signup-flow"}, id="the user of an unknown experiment"),
        pytest.param({"experimentName": SIGNUP, "userId": "anna"}, id="both, in camel case instead"),
        pytest.param({"EXPERIMENT_NAME": SIGNUP, "USER_ID": "anna"}, id="both, in capitals instead"),
    ],
)
def test_a_missing_parameter_is_422(client, params):
    assert assign(client, SIGNUP, "anna") in VARIANTS[SIGNUP]

    response = client.get("/assign", params=params)

    assert response.status_code == 422


@pytest.mark.parametrize(
    ("experiment_name", "user_id"),
    [
        pytest.param(SIGNUP, BLANK, id="user"),
        pytest.param(SIGNUP, f"\x85{BLANK}\u202f", id="user, with more white space"),
        pytest.param(BLANK, "anna", id="experiment"),
        pytest.param("old-signup-flow", BLANK, id="user of an unknown experiment"),
    ],
)
def test_a_blank_parameter_is_422_even_if_the_experiment_is_unknown(
    client, experiment_name, user_id, blank_text
):
    assert assign(client, SIGNUP, "anna") in VARIANTS[SIGNUP]
    names = experiment_name.replace(BLANK, blank_text), user_id.replace(BLANK, blank_text)

    response = client.get("/assign", params={"experiment_name": names[0], "user_id": names[1]})

    assert response.status_code == 422


def test_a_user_has_the_same_variant_on_every_call(client, values, sample):
    pairs = [(PRICING, values.text()) for _ in range(25)]
    before = sample(client, pairs)
    headers = {"Host": "shop.example", "User-Agent": "ExampleBot/1.0", "Accept-Language": "de"}

    again = sample(client, pairs, headers=headers, variant="tier-c")

    assert again == before


def test_a_user_has_the_same_variant_in_simultaneous_requests(client, values, race):
    pairs = [(PRICING, values.text()) for _ in range(20)] * 10

    variants = race(200, lambda number: assign(client, *pairs[number]))

    assert variants == variants[:20] * 10


def test_a_user_has_the_same_variant_after_a_restart_and_in_another_time_zone(launch, values, sample):
    pairs = [(PRICING, values.text()) for _ in range(20)]
    before = sample(launch(TZ="Pacific/Kiritimati").client, pairs)
    described = {"another": experiment(a=1), "one more": experiment(a=1), PRICING: experiment(**PRICES)}
    other = launch(
        files={"other.json": json.dumps(described)},
        EXPERIMENTS_FILE="other.json",
        TZ="Pacific/Pago_Pago",  # where it is yesterday
    )

    other.restart()

    assert sample(other.client, pairs[::-1]) == before[::-1]


def test_the_shares_of_many_users_agree_with_the_weights(client, sample):
    # Must catch: one coin for each variant in turn (which gives 300, 40, 160 users instead of 300, 100, 100), the
    # variants in another order than the weights, all variants alike, a random number times each weight.
    variants = sample(client, [(PRICING, user) for user in users(500)])

    assert set(variants) <= VARIANTS[PRICING]
    assert chi_square(variants, PRICES) < SHARES_LIMIT


@pytest.mark.parametrize(
    "user_ids",
    [
        pytest.param([str(number) for number in range(50)], id="numbers"),
        pytest.param([f"{number}@customers.example.com" for number in range(50)], id="the same ending"),
        pytest.param([f"{number}00" for number in range(50)], id="hundreds"),
        pytest.param([f"{'0' * 1000}-{number:02}" for number in range(50)], id="the same beginning"),
        pytest.param([f"anna\x00{number}" for number in range(50)], id="the same text before a NUL"),
        pytest.param(
            list(map("".join, islice(product("aA", "nN", "nN", "aA", "eE", "lL"), 50))), id="letter case"
        ),
        pytest.param(
            list(map("".join, islice(product(*["aA"] * 6, ["@example.com"]), 50))),
            id="letter case of an address",
        ),
        pytest.param(
            list(map("".join, islice(product(*["aA"] * 6, ["00-ac96-774b-8cce-0a1b2c3d4e5f"]), 50))),
            id="letter case of a UUID",
        ),
        pytest.param(
            [f"{''.join(blanks)}anna" for blanks in islice(product(" \t", repeat=6), 50)], id="blanks"
        ),
        pytest.param(
            list(map("".join, islice(product("éößλ☕", repeat=3), 50))), id="signs that are not ASCII"
        ),
        pytest.param(
            list(map("".join, islice(product(("\u00e9", "e\u0301"), repeat=6), 50))),
            id="composed and decomposed",
        ),
        pytest.param([f"{'0' * number}7" for number in range(50)], id="leading zeros"),
        pytest.param(
            [f"{'a' * number}b{'a' * (49 - number)}" for number in range(50)], id="the same letters"
        ),
    ],
)
def test_users_whose_ids_are_alike_are_told_apart(client, sample, user_ids):
    # An app that takes such ids for one (cuts them off, strips them, adds them up) gives all of them one variant;
    # chance does that once in 10^11 times. The weights are 60, 20 and 20.
    variants = sample(client, [(PRICING, user_id) for user_id in user_ids])

    assert len(set(variants)) > 1


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param({"a": 1, "b": 1}, id="1 1"),
        pytest.param({"a": 0.5, "b": 0.5}, id="0.5 0.5"),
        pytest.param({"a": 1, "b": 1, "c": 1, "d": 1}, id="1 1 1 1"),
        pytest.param({"a": 250, "b": 250, "c": 500}, id="250 250 500"),
        pytest.param({"a": 10**30, "b": 10**30}, id="integers of 31 digits"),
        pytest.param({"a": 1e200, "b": 1e200}, id="1e200 1e200"),
        pytest.param({"a": 1.5e308, "b": 1.5e308}, id="whose sum is too large for a float"),
        pytest.param({"a": 5e-324, "b": 5e-324}, id="the smallest floats"),
        pytest.param({"a": 1e300, "b": 1e-300, "c": 1e300}, id="huge beside tiny"),
    ],
)
def test_weights_need_not_sum_to_100(launch, sample, weights):
    server = start(launch, colour=experiment(**weights))

    variants = sample(server.client, [("colour", user) for user in users(60)])

    shares = {name: weight for name, weight in weights.items() if weight != 1e-300}
    assert set(variants) <= shares.keys()
    assert chi_square(variants, shares) < SHARES_LIMIT


def test_small_weights_get_their_small_shares(launch, sample):
    # 500 times the weights 1, 998, 1. Right is: 0.8 users to all the small ones (12 or more: once in 10^10 times), and
    # some 275 of the large ones (180 or fewer: less than once in 10^40). Must catch: 100 buckets, with 100 variants at
    # most; 1,000, half of which begin where two small variants meet; 10,000, a twentieth of which do; and shares that
    # are rounded up to one bucket, which give most users to the small ones.
    parts = [("small", 1), ("large", 998), ("also-small", 1)]
    weights = {f"{size}-{number}": weight for number in range(500) for size, weight in parts}
    server = start(launch, colour=experiment(**weights))

    variants = sample(server.client, [("colour", user) for user in users(400)])

    assert sum(not variant.startswith("large") for variant in variants) < 12
    assert len(set(variants)) > 180


def test_a_weight_of_0_is_never_given(launch, sample):
    # Must catch: `hash % 100 <= sum`, which gives one user in a hundred to a 0 that stands first (600 users
    # overlook it once in 400 times), and a number up to 100 for one below, which does so for a 0 that stands last.
    weights = {"first": 0, "a": 1, "middle": 0, "also middle": 0.0, "b": 1, "last": 0}
    server = start(launch, colour=experiment(**weights))

    variants = sample(server.client, [("colour", user) for user in users(600)])

    assert set(variants) == {"a", "b"}


ALIKE = [
    *("jetty-gehqdg", "fjord-gojutb"),  # have the same CRC-32
    *("listen-to-me", "silent-to-me"),  # have the same letters, and so the same sum
    *("checkout", "Checkout", "checkout "),
    *(f"{'checkout-' * 30}1", f"{'checkout-' * 30}2"),
    *("caf\u00e9", "cafe\u0301"),
]
"""Names of experiments that a careless app takes for one."""


def test_any_two_experiments_split_the_same_users_independently(launch, sample):
    # Independent variants of 64 users fill some 57 of the 256 pairs of two variants (38 or fewer: for one of these
    # experiments with another, once in 10^10 times). Must catch: the user's hash alone, which fills 16; a CRC-32 of
    # both names, which for two experiments differs by the same bits for all users, or not at all; sums of two hashes,
    # which differ by the same number and fill 32; names that are cut off, stripped or normalised; bytes of one hash.
    described = {"variants": [f"v{number}" for number in range(16)], "weights": [1] * 16}
    server = start(launch, **dict.fromkeys(ALIKE, described))

    variants = sample(server.client, [(name, user) for name in ALIKE for user in users(64)])

    columns = {name: variants[64 * place :][:64] for place, name in enumerate(ALIKE)}
    filled = {pair: len(set(zip(*map(columns.get, pair), strict=True))) for pair in combinations(ALIKE, 2)}
    assert {pair: count for pair, count in filled.items() if count <= 38} == {}


@pytest.mark.parametrize("ending", [".json", " v2"])
def test_experiments_file_names_the_file(launch, name, ending):
    many = {f"experiment-{number}": experiment(a=1) for number in range(300)}
    text = json.dumps({**many, "experiments": experiment(a=1), name: experiment(only=100)})

    server = launch(files={f"{name}{ending}": text}, EXPERIMENTS_FILE=f"{name}{ending}")

    assert assign(server.client, name, "anna") == "only"
    assert status_of(server.client, SIGNUP, "anna") == 404


def test_a_file_may_configure_no_experiment(launch):
    server = launch(files={"experiments.json": "{}"}, EXPERIMENTS_FILE="experiments.json")

    response = server.client.get("/assign", params={"experiment_name": SIGNUP, "user_id": "anna"})

    assert response.status_code == 404


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param('{"variants": ["a", "b"], "weights": [50, 30, 20]}', id="more weights than variants"),
        pytest.param('{"variants": ["a", "b", "c"], "weights": [50, 50]}', id="more variants than weights"),
        pytest.param('{"variants": ["a", "b"], "weights": [101, -1]}', id="negative weight"),
        pytest.param('{"variants": ["a", "b"], "weights": [1, -0.001]}', id="slightly negative weight"),
        pytest.param('{"variants": ["a", "b"], "weights": [0, 0]}', id="all weights 0"),
        pytest.param('{"variants": ["a", "b"], "weights": ["50", "50"]}', id="weights are strings"),
        pytest.param('{"variants": ["a", "b"], "weights": [50, true]}', id="weight is true"),
        pytest.param('{"variants": ["a", "b"], "weights": [50, null]}', id="weight is null"),
        pytest.param('{"variants": ["a", "b"], "weights": [50, 1e999]}', id="weight is not finite"),
        pytest.param(f'{{"variants": ["a", "b"], "weights": [50, 1{"0" * 400}]}}', id="weight of 401 digits"),
        pytest.param('{"variants": ["a", "b"], "weights": {"a": 1, "b": 1}}', id="weights are an object"),
        pytest.param('{"variants": [], "weights": []}', id="no variants"),
        pytest.param('{"variants": ["a", "a"], "weights": [50, 50]}', id="a variant twice"),
        pytest.param('{"variants": ["a", ""], "weights": [50, 50]}', id="empty variant"),
        pytest.param('{"variants": ["a", "\\u00a0"], "weights": [50, 50]}', id="blank variant"),
        pytest.param('{"variants": ["a", 1], "weights": [50, 50]}', id="variant is a number"),
        pytest.param('{"variants": "ab", "weights": [50, 50]}', id="variants are a string"),
        pytest.param('{"variants": {"a": 1, "b": 1}, "weights": [50, 50]}', id="variants are an object"),
        pytest.param('{"variants": ["a", "b"], "weights": 50}', id="weights are a number"),
        pytest.param('{"variants": ["a", "b"]}', id="no weights"),
        pytest.param('{"weights": [1]}', id="no variants' key"),
        pytest.param('{"variants": ["a"], "weights": [1], "weight": [2]}', id="unknown key"),
        pytest.param('{"variants": ["a"], "weights": [1], "description": "b"}', id="a description"),
        pytest.param('{"Variants": ["a"], "Weights": [1]}', id="keys with capitals"),
        pytest.param('["a", "b"]', id="not an object"),
        pytest.param("null", id="null"),
    ],
)
def test_an_invalid_experiment_stops_the_start_and_the_message_names_it(launch, name, fault):
    good = '{"variants": ["a"], "weights": [1]}'
    text = f'{{"good": {good}, "_{name}": {fault}, "better": {good}}}'  # an underscore makes no comment of it

    server = launch(files={"experiments.json": text}, EXPERIMENTS_FILE="experiments.json")

    assert failed_start(server) not in {None, 0}
    assert name in server.log


GOOD = '{"good": {"variants": ["é"], "weights": [1]}}'


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("", GOOD[:-1], id="not JSON"),
        pytest.param("", f"{GOOD},", id="something behind the JSON"),
        pytest.param("", GOOD.replace("[1]", "[1,]"), id="a comma too many"),
        pytest.param("", f"[{GOOD}]", id="an array"),
        pytest.param("", "null", id="null"),
        pytest.param("", GOOD.encode("latin-1"), id="in Latin-1"),
        pytest.param("", GOOD.encode("utf-16"), id="in UTF-16"),
        pytest.param("", GOOD.encode().replace(b"good", b"g\xc3d"), id="with a broken byte"),
        pytest.param(".bak", GOOD, id="not there"),
    ],
)
def test_an_invalid_file_stops_the_start_and_the_message_names_it(launch, name, ending, content):
    server = launch(files={f"{name}.json{ending}": content}, EXPERIMENTS_FILE=f"{name}.json")

    assert failed_start(server) not in {None, 0}
    assert f"{name}.json" in server.log


def write(files, name, content):
    """Write into a file."""
    files.write(name, content)


def replace(files, name, content):
    """Put a new file in the place of a file."""
    files.replace(name, content)


def remove(files, name, _content):
    """Take a file away."""
    files.remove(name)


def remove_and_write(files, name, content):
    """Take a file away, and write another."""
    files.remove(name)
    files.write(name, content)


@pytest.mark.parametrize("save", [write, replace, remove_and_write])
def test_a_change_of_the_file_changes_the_responses_within_a_second(launch, eventually, save):
    server = start(launch, colour=experiment(red=100, blue=0), older=experiment(a=100))
    assert assign(server.client, "colour", "anna") == "red"
    assert assign(server.client, "older", "anna") == "a"

    changed = json.dumps({"colour": experiment(red=0, blue=100), "newer": experiment(b=100)})
    save(server.files, "experiments.json", changed)

    eventually(lambda: assign(server.client, "colour", "anna"), "blue", seconds=SECONDS)
    assert assign(server.client, "newer", "anna") == "b"
    assert status_of(server.client, "older", "anna") == 404


@pytest.mark.parametrize("save", [write, replace])
def test_each_of_several_changes_is_taken(launch, eventually, save):
    texts = {colour: json.dumps({"colour": experiment(**{colour: 1})}) for colour in ("red", "blu", "tan")}
    server = launch(files={"experiments.json": texts["red"]}, EXPERIMENTS_FILE="experiments.json")
    assert assign(server.client, "colour", "anna") == "red"

    save(server.files, "experiments.json", texts["blu"])
    eventually(lambda: assign(server.client, "colour", "anna"), "blu", seconds=SECONDS)
    save(server.files, "experiments.json", texts["tan"])
    eventually(lambda: assign(server.client, "colour", "anna"), "tan", seconds=SECONDS)
    save(server.files, "experiments.json", texts["red"])
    eventually(lambda: assign(server.client, "colour", "anna"), "red", seconds=SECONDS)
    save(server.files, "experiments.json", "{}")

    eventually(lambda: status_of(server.client, "colour", "anna"), 404, seconds=SECONDS)


def test_requests_during_a_change_are_answered(launch, eventually, race):
    server = start(launch, colour=experiment(red=1))
    assert assign(server.client, "colour", "anna") == "red"
    change = json.dumps({"colour": experiment(red=2), "newer": experiment(b=1)})
    server.files.replace("experiments.json", change)

    variants = race(50, lambda number: assign(server.client, "colour", f"user-{number}"))

    assert variants == ["red"] * 50
    eventually(lambda: status_of(server.client, "newer", "anna"), 200, seconds=SECONDS)


BROKEN = {
    "experiment not valid": (
        '{"colour": {"variants": ["blue"], "weights": [1]}, "NAME": {"variants": ["a"], "weights": [-1]}}'
    ),
    "strings for weights": (
        '{"colour": {"variants": ["blue"], "weights": [1]}, "NAME": {"variants": ["a"], "weights": ["1"]}}'
    ),
    "half written": '{"colour": {"variants": ["blue"], "weights"',
    "empty": "",
    "not an object": "[]",
    "in Latin-1": '{"colour": {"variants": ["blué"], "weights": [1]}}'.encode("latin-1"),
}


@pytest.mark.parametrize(
    ("change", "broken", "named"),
    [
        pytest.param(write, BROKEN["experiment not valid"], "NAME", id="experiment not valid"),
        pytest.param(replace, BROKEN["strings for weights"], "NAME", id="strings for weights"),
        pytest.param(replace, BROKEN["half written"], "FILE", id="half written"),
        pytest.param(write, BROKEN["empty"], "FILE", id="empty"),
        pytest.param(write, BROKEN["not an object"], "FILE", id="not an object"),
        pytest.param(replace, BROKEN["in Latin-1"], "FILE", id="in Latin-1"),
        pytest.param(remove, "", "FILE", id="removed"),
    ],
)
def test_an_invalid_change_is_logged_and_the_last_valid_configuration_stays(
    launch, values, eventually, change, broken, named
):
    names = {"NAME": new_name(values), "FILE": f"{new_name(values)}.json"}
    good = json.dumps({"colour": experiment(red=100), "older": experiment(a=1)})
    server = launch(files={names["FILE"]: good}, EXPERIMENTS_FILE=names["FILE"])
    assert assign(server.client, "colour", "anna") == "red"
    logged_before = len(server.log)

    content = broken if isinstance(broken, bytes) else broken.replace("NAME", names["NAME"])
    change(server.files, names["FILE"], content)

    def seen():
        colour = assign(server.client, "colour", "anna")
        return {"variant": colour, "the log names": names[named] in server.log[logged_before:]}

    eventually(seen, {"variant": "red", "the log names": True}, seconds=SECONDS)
    assert assign(server.client, "colour", "anna") == "red"
    assert assign(server.client, "older", "anna") == "a"


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        pytest.param(write, BROKEN["experiment not valid"], id="experiment not valid"),
        pytest.param(write, BROKEN["half written"], id="half written"),
        pytest.param(write, BROKEN["in Latin-1"], id="in Latin-1"),
        pytest.param(remove, "", id="removed"),
    ],
)
def test_a_valid_change_after_an_invalid_one_is_taken(launch, name, eventually, change, broken):
    file = f"{name}.json"
    server = launch(files={file: json.dumps({"colour": experiment(red=100)})}, EXPERIMENTS_FILE=file)

    def seen(since):
        return {"variant": assign(server.client, "colour", "anna"), "logged": server.log[since:] != ""}

    assert seen(0) == {"variant": "red", "logged": False}
    change(server.files, file, broken)
    eventually(lambda: seen(0), {"variant": "red", "logged": True}, seconds=SECONDS)

    server.files.write(file, json.dumps({"colour": experiment(green=100)}))

    eventually(lambda: assign(server.client, "colour", "anna"), "green", seconds=SECONDS)
    logged_before = len(server.log)
    change(server.files, file, broken)
    eventually(lambda: seen(logged_before), {"variant": "green", "logged": True}, seconds=SECONDS)
