"""The acceptance tests of curriculum 1.6: one for each criterion of the ticket."""

import re
from base64 import b64encode
from json import dumps
from statistics import median

import pytest

JSON, PROBLEM = "application/json", "application/problem+json"
CHALLENGES = [  # what may differ: the order, the letter case and the realm
    re.compile(r'Basic +realm="[^"]+" *, *charset="?UTF-8"?', re.IGNORECASE),
    re.compile(r'Basic +charset="?UTF-8"? *, *realm="[^"]+"', re.IGNORECASE),
]
WRONG, OTHER = "wrong password", "another password"
NOISE = 0.002  # in seconds: what two requests that hash nothing may differ by
KEY = "\U0001f511"
TILDES = "~" * 72  # there is a "+" in their Base64, and more than 72 bytes in a password that holds them


def register(client, user):
    """Register a user; a test that fails here says which status it got."""
    return client.post("/users", json=user).raise_for_status().json()


def user_with(values, password):
    """Return what a client sends to register: a new name, and a password."""
    return {"username": values.text(), "password": password}


def raw(credentials, scheme="Basic"):
    """Return the header that holds these bytes."""
    return {"Authorization": f"{scheme} {b64encode(credentials).decode()}"}


def as_bytes(user):
    """Return a user's name and password in UTF-8, with keys for `%`."""
    return {name.encode(): text.encode() for name, text in user.items()}


def login(user, **other):
    """Return the header that holds a user's name and password, or another of them."""
    return raw(b"%(username)s:%(password)s" % as_bytes(user | other))


def encoded(user):
    """Return the Base64 of a user's credentials."""
    return login(user)["Authorization"].removeprefix("Basic ")


def public(user):
    """Return the user as the API returns it."""
    return {"username": user["username"]}


def ask(client, method, path, user):
    """Send a user both ways: as the payload of a registration, and as the credentials of a login."""
    return client.request(method, path, json=user, headers=login(user))


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def cpu_times_in_turns(server, *calls):
    """Return the median CPU time of each call, of nine that are made in turns."""
    costs = [[server.cpu_seconds(call, rounds=1) for call in calls] for _ in range(9)]
    return [median(ones) for ones in zip(*costs, strict=True)]


@pytest.fixture(name="user")
def shared_user(client, request, pytestconfig):
    """Register a user whom the rows of a test share, since each registration costs a hash; later ones get 409.

    The Base64 of the credentials ends with two signs of padding and holds a "+".
    """
    name = f"{request.function.__name__} {pytestconfig.getoption('--seed')}"
    user = {"username": name, "password": f"Password {TILDES}"}
    user["password"] += "x" * (-len(f"{user['username']}:{user['password']}") % 3 + 1)
    client.post("/users", json=user)
    return user


NOT_BASIC = {
    "nothing": lambda _: {},
    "an empty header": lambda _: {"Authorization": ""},
    "the scheme alone": lambda _: {"Authorization": "Basic"},
    "another scheme": lambda user: raw(b"%(username)s:%(password)s" % as_bytes(user), "Bearer"),
    "a longer scheme": lambda user: raw(b"%(username)s:%(password)s" % as_bytes(user), "Basic2"),
    "the Base64 alone": lambda user: {"Authorization": encoded(user)},
}
NOT_BASE64 = {
    "a sign inside": lambda user: encoded(user)[:8] + "!" + encoded(user)[8:],
    "a blank inside": lambda user: encoded(user)[:8] + " " + encoded(user)[8:],
    "a tab inside": lambda user: encoded(user)[:8] + "\t" + encoded(user)[8:],
    "the alphabet of URLs": lambda user: encoded(user).replace("+", "-"),
    "no padding": lambda user: encoded(user).rstrip("="),
    "half the padding": lambda user: encoded(user).removesuffix("="),
    "too much padding": lambda user: encoded(user) + "==",
    "more after the padding": lambda user: encoded(user) + encoded(user),
    "quotation marks": lambda user: f'"{encoded(user)}"',
    "a letter of Latin-1": lambda user: encoded(user).encode() + b"\xe4",
    "plain text": lambda user: f"{user['username']}:{user['password']}",
}
BAD_CREDENTIALS = {
    "nothing": lambda _: {},
    "another scheme": lambda user: raw(b"%(username)s:%(password)s" % as_bytes(user), "Bearer"),
    "no Base64": lambda user: {"Authorization": f"Basic !{encoded(user)}"},
    "no colon": lambda user: raw(user["username"].encode()),
    "not UTF-8": lambda user: raw(b"%(username)s:\xff" % as_bytes(user)),
    "a wrong password": lambda user: login(user, password=WRONG),
    "an unknown user": lambda user: login(user, username=f"{user['username']}, too"),
}


@pytest.mark.parametrize(
    ("name", "password", "headers"),
    [
        pytest.param("ada", "test:123£", {}, id="ada"),
        pytest.param("ada", "test:123£", raw(b"ada:wrong password"), id="with wrong credentials"),
        pytest.param("nobody", "12345678", {}, id="nobody"),
        pytest.param("password", "password", {}, id="a name as its password"),
    ],
)
def test_a_new_user_is_returned_without_the_password(fresh_client, name, password, headers):
    user = {"username": name, "password": password}

    response = fresh_client.post("/users", json=user, headers=headers)

    assert response.status_code == 201
    assert media_type(response) == JSON
    assert response.json() == {"username": name}


def test_the_right_credentials_lead_to_their_user(client, values, race, at_once):
    users = [user_with(values, values.text()) for _ in range(3)]
    registered = race(3, lambda number: register(client, users[number]))

    answers = at_once(3, lambda number: client.get("/me", headers=login(users[number])))

    assert [answer.status_code for answer in answers] == [200] * 3
    assert [media_type(answer) for answer in answers] == [JSON] * 3
    assert [answer.json() for answer in answers] == registered
    assert registered == [public(one) for one in users]


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "bAsIC"])
def test_the_letter_case_of_the_scheme_does_not_matter(client, user, scheme):
    response = client.get("/me", headers={"Authorization": f"{scheme} {encoded(user)}"})

    assert response.status_code == 200
    assert response.json() == public(user)


@pytest.mark.parametrize(
    "password",
    [
        pytest.param(":test:123£:", id="colons"),
        pytest.param('  "%41" \\n +/= &amp; <b> ', id="blanks and signs"),
        pytest.param("Ångström пароль パスワード \U0001f600\U0001f468\u200d\U0001f469", id="scripts"),
        pytest.param("\u2028 \ufeff \u00ad \ufffd \u200e", id="what cannot be seen"),
        pytest.param("\u200b" * 8, id="blanks of no width"),
    ],
)
def test_a_password_may_hold_colons_and_any_script(client, values, password):
    user = user_with(values, password)
    register(client, user)

    response = client.get("/me", headers=login(user))

    assert response.status_code == 200
    assert response.json() == public(user)


@pytest.mark.parametrize(
    "name", ['  {} %41&"\\+/=', "Ångström Ольга {}", "🦊\u200d{}\ufeff", "\uff1a\u2028{}"], ids=ascii
)
def test_a_user_name_may_hold_any_script(client, values, name):
    user = {"username": name.format(values.text()), "password": values.text()}
    registered = register(client, user)

    response = client.get("/me", headers=login(user))

    assert response.status_code == 200
    assert response.json() == public(user)
    assert registered == public(user)


@pytest.mark.parametrize("headers", NOT_BASIC.values(), ids=NOT_BASIC)
def test_no_credentials_or_another_scheme_are_401(client, user, headers):
    response = client.get("/me", headers=headers(user))

    assert response.status_code == 401


@pytest.mark.parametrize("changed", NOT_BASE64.values(), ids=NOT_BASE64)
def test_what_is_not_base64_is_401(client, user, changed):
    sent = changed(user)
    header = b"Basic " + (sent if isinstance(sent, bytes) else sent.encode())

    response = client.get("/me", headers={"Authorization": header})

    assert response.status_code == 401
    assert header != login(user)["Authorization"].encode()


@pytest.mark.parametrize("form", ["{username}", "{username}{password}", "{username} {password}"])
def test_credentials_without_a_colon_are_401(client, user, form):
    credentials = form.format_map(user).replace(":", "")

    response = client.get("/me", headers=raw(credentials.encode()))

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("password", "sent"),
    [
        pytest.param("£5 in Latin-1", b"\xa35 in Latin-1", id="Latin-1"),
        pytest.param("a byte more", b"a byte\xff more", id="a byte inside"),
        pytest.param("a \ufffd for a byte", b"a \xff for a byte", id="a byte for U+FFFD"),
        pytest.param("half of a pair", b"half of a pair\xed\xa0\x80", id="half of a surrogate pair"),
        pytest.param("a long slash /", b"a long slash \xc0\xaf", id="an overlong form"),
    ],
)
def test_bytes_that_are_not_utf_8_are_401(client, values, password, sent):
    user = user_with(values, password)
    register(client, user)

    response = client.get("/me", headers=raw(user["username"].encode() + b":" + sent))
    in_the_name = client.get("/me", headers=raw(b"\xff%(username)s:%(password)s" % as_bytes(user)))

    assert response.status_code == 401
    assert in_the_name.status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda password: password.upper(), id="in capitals"),
        pytest.param(lambda password: "\uff30" + password[1:], id="a wide letter"),
        pytest.param(lambda password: password[:-1], id="cut by one character"),
        pytest.param(lambda password: password + "x", id="longer by one character"),
        pytest.param(lambda password: password[:-1] + "y", id="another last character"),
        pytest.param(lambda password: f" {password} ", id="blanks at its ends"),
        pytest.param(lambda password: password + ":x", id="more after a colon"),
        pytest.param(lambda password: password + "\0x", id="more after a NUL"),
        pytest.param(lambda password: password * 100, id="8,000 characters"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: OTHER, id="another user's"),
    ],
)
def test_a_wrong_password_is_401(client, user, changed):
    client.post("/users", json={"username": f"{user['username']}, too", "password": OTHER})

    response = client.get("/me", headers=login(user, password=changed(user["password"])))

    assert response.status_code == 401
    assert client.get("/me", headers=login(user)).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda name: f"{name}, too", id="never registered"),
        pytest.param(lambda name: name.upper(), id="in capitals"),
        pytest.param(lambda name: "\uff54" + name[1:], id="a wide letter"),
        pytest.param(lambda name: name + " ", id="a blank at its end"),
        pytest.param(lambda name: "\ufeff" + name, id="a byte order mark"),
        pytest.param(lambda _: "", id="empty"),
    ],
)
def test_an_unknown_user_is_401(client, user, changed):
    response = client.get("/me", headers=login(user, username=changed(user["username"])))

    assert response.status_code == 401


@pytest.mark.parametrize("headers", BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
def test_every_401_has_a_challenge(client, user, headers):
    response = client.get("/me", headers=headers(user))

    assert response.status_code == 401
    challenges = response.headers.get_list("WWW-Authenticate")
    assert len(challenges) == 1
    assert [form.pattern for form in CHALLENGES if form.fullmatch(challenges[0])] != []


def test_a_wrong_password_and_an_unknown_user_look_alike(client, user):
    wrong = client.get("/me", headers=login(user, password=WRONG))
    unknown = client.get("/me", headers=login(user, username=user["username"][::-1]))

    assert wrong.status_code == 401
    assert unknown.status_code == 401
    assert unknown.content == wrong.content
    kept = [[pair for pair in one.headers.raw if pair[0].lower() != b"date"] for one in (wrong, unknown)]
    assert kept[1] == kept[0]


def test_a_wrong_password_and_an_unknown_user_cost_the_same(launch, values):
    server = launch()
    user = user_with(values, f"{values.text()} {TILDES}")
    register(server.client, user)

    wrong, unknown, longer = cpu_times_in_turns(
        server,
        lambda: server.client.get("/me", headers=login(user, password=values.text())),
        lambda: server.client.get("/me", headers=login(user, username=values.text())),
        lambda: server.client.get("/me", headers=login(user, username="n" * 81)),
    )

    assert wrong < 2 * unknown + NOISE
    assert unknown < 2 * wrong + NOISE
    assert wrong < 2 * longer + NOISE
    assert server.client.get("/me", headers=login(user)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "change"),
    [
        pytest.param("POST", "/users", lambda _, new: new, id="a registration"),
        pytest.param("GET", "/me", lambda user, _: user, id="the right password"),
        pytest.param("GET", "/me", lambda user, _: user | {"password": WRONG}, id="a wrong password"),
        pytest.param("GET", "/me", lambda user, _: user | {"password": "x"}, id="a short wrong password"),
    ],
)
def test_hashing_a_password_is_slow(launch, values, method, path, change):
    server = launch()
    user = user_with(values, f"{values.text()} {TILDES}")
    register(server.client, user)
    new = [user_with(values, values.text()) for _ in range(2)]
    health = server.cpu_seconds(lambda: server.client.get("/health"))

    hashing = server.cpu_seconds(lambda: ask(server.client, method, path, change(user, new.pop())), rounds=2)

    assert hashing > 10 * health


@pytest.mark.parametrize(
    "headers",
    [lambda _: {}, lambda _: {"Authorization": "Basic !"}, BAD_CREDENTIALS["a wrong password"]],
    ids=["nothing", "no Base64", "a wrong password"],
)
def test_the_health_check_needs_no_credentials(client, user, headers):
    locked = client.get("/me", headers=headers(user))
    response = client.get("/health", headers=headers(user))

    assert locked.status_code == 401
    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == {"status": "ok"}


def test_a_taken_user_name_is_409(client, user, values):
    response = client.post("/users", json=user | {"password": values.text()})

    assert response.status_code == 409
    assert client.get("/me", headers=login(user)).json() == public(user)


def test_of_four_registrations_at_once_one_is_201(client, values, race, at_once):
    name = values.text()
    users = [{"username": name, "password": values.text()} for _ in range(4)]

    answers = race(4, lambda number: client.post("/users", json=users[number]))

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [201, 409, 409, 409]
    logins = at_once(4, lambda number: client.get("/me", headers=login(users[number])))
    assert [answer.status_code == 200 for answer in logins] == [status == 201 for status in statuses]


@pytest.mark.parametrize(
    "changed",
    [str.upper, lambda name: name + " ", lambda name: "\u200b" + name, lambda name: "\uff54" + name[1:]],
    ids=["in capitals", "a blank at its end", "a blank of no width", "a wide letter"],
)
def test_names_that_differ_in_one_character_are_two_users(client, user, values, changed):
    other = {"username": changed(user["username"]), "password": values.text()}

    response = client.post("/users", json=other)

    assert response.status_code == 201
    assert response.json() == public(other)
    assert client.get("/me", headers=login(user)).json() == public(user)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param(1, "p" * 8, id="the shortest"),
        pytest.param(80, KEY * 128, id="the longest"),
    ],
)
def test_names_and_passwords_may_reach_their_limits(client, values, name, password):
    letters = [chr(values.randrange(0x20000, 0x2A000)) for _ in range(name)]
    user = {"username": "".join(letters), "password": password}

    response = client.post("/users", json=user)

    assert response.status_code == 201
    assert response.json() == public(user)
    assert client.get("/me", headers=login(user)).json() == public(user)
    assert client.get("/me", headers=login(user, password=f"{password[:-1]}x")).status_code == 401


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param('{"password": "%(password)s"}', id="no name"),
        pytest.param('{"username": "%(username)s"}', id="no password"),
        pytest.param('{"username": 12345678, "password": "%(password)s"}', id="name is a number"),
        pytest.param('{"username": "%(username)s", "password": 12345678}', id="password is a number"),
        pytest.param('{"username": "%(username)s", "password": null}', id="password is null"),
        pytest.param('{"username": "%(username)s", "password": NaN}', id="password is not a number"),
        pytest.param(
            '{"username": "%(username)s\\ud800", "password": "%(password)s"}', id="half a pair, name"
        ),
        pytest.param('{"username": "%(username)s", "password": "%(password)s\\ud800"}', id="half a pair"),
        pytest.param('{"username": "%(username)s", "password": "%(password)s"', id="not JSON"),
        pytest.param('[{"username": "%(username)s", "password": "%(password)s"}]', id="an array"),
        pytest.param("username=%(username)s&password=%(password)s", id="a form"),
        pytest.param(
            f'{{"username": "{"m" * 81}", "password": "%(password)s"}}', id="81 characters in a name"
        ),
        pytest.param('{"username": "%(username)s", "password": "pass 67"}', id="7 characters in a password"),
        pytest.param(f'{{"username": "%(username)s", "password": "{KEY * 7}"}}', id="7 emoji in a password"),
        pytest.param(
            f'{{"username": "%(username)s", "password": "{"p" * 129}"}}', id="129 characters in one"
        ),
    ],
)
def test_an_invalid_payload_is_422_and_creates_no_user(client, values, payload):
    user = user_with(values, values.text())

    response = client.post("/users", content=payload % user, headers={"Content-Type": JSON})

    assert response.status_code == 422
    assert media_type(response) == PROBLEM
    assert client.post("/users", json=user).status_code == 201


@pytest.mark.parametrize(
    ("field", "form"),
    [
        pytest.param("username", ":{0}", id="a colon before the name"),
        pytest.param("username", "{0}:", id="a colon after the name"),
        pytest.param("username", "{0}\0{0}", id="a NUL in the name"),
        pytest.param("username", "{0}\n", id="a line break after the name"),
        pytest.param("username", "{0}\x7f", id="a DEL after the name"),
        pytest.param("password", "{0}\0{0}", id="a NUL in the password"),
        pytest.param("password", "{0}\r\n", id="a line break after the password"),
        pytest.param("password", "\x1f{0}", id="a separator before the password"),
        pytest.param("password", "\x7f{0}", id="a DEL before the password"),
    ],
)
def test_colons_in_names_and_control_characters_are_422(client, values, field, form):
    user = user_with(values, values.text())

    response = client.post("/users", json=user | {field: form.format(user[field])})

    assert response.status_code == 422
    assert client.post("/users", json=user).status_code == 201


def test_a_blank_text_is_422(client, values, blank_text):
    user = user_with(values, values.text())

    blank_name = client.post("/users", json=user | {"username": blank_text})
    blank_password = client.post("/users", json=user | {"password": blank_text * 8})

    assert blank_name.status_code == 422
    assert blank_password.status_code == 422
    assert client.post("/users", json=user).status_code == 201


@pytest.mark.parametrize(
    "others",
    [
        {"id": 5, "Username": "x", "Password": 5},
        {"password_hash": "$argon2id$", "hashed_password": None},
        {"note": "two\nlines:\0", "tags": [" "]},
    ],
    ids=["an id", "a hash", "a note"],
)
def test_other_fields_are_ignored(client, values, others):
    user = user_with(values, values.text())

    response = client.post("/users", json=others | user)

    assert response.status_code == 201
    assert response.json() == public(user)
    assert client.get("/me", headers=login(user)).json() == public(user)


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        pytest.param("GET", "/me", None, 401, id="401"),
        pytest.param("POST", "/users", {}, 409, id="409"),
        pytest.param("POST", "/users", {"username": "a:b"}, 422, id="422"),
        pytest.param("GET", "/unknown", None, 404, id="unknown path"),
        pytest.param("PUT", "/users", {}, 405, id="wrong method"),
    ],
)
def test_errors_are_problem_details(client, user, method, path, payload, status):
    response = client.request(method, path, json=None if payload is None else user | payload)

    assert response.status_code == status
    assert media_type(response) == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    assert [type(problem[name]) for name in ("type", "title", "detail")] == [str, str, str]


@pytest.mark.parametrize(
    ("taken", "status", "change"),
    [
        pytest.param(False, 201, dumps, id="201"),
        pytest.param(True, 409, dumps, id="409"),
        pytest.param(False, 422, lambda user: dumps({"password": user["password"]}), id="no name"),
        pytest.param(False, 422, lambda user: dumps(user | {"username": "a:b"}), id="a colon in the name"),
        pytest.param(
            False, 422, lambda user: dumps(user | {"password": user["password"] + "\0"}), id="a NUL"
        ),
        pytest.param(
            False, 422, lambda user: dumps(user | {"password": user["password"] * 9}), id="too long"
        ),
        pytest.param(False, 422, lambda user: dumps(user | {"password": [user["password"]]}), id="an array"),
        pytest.param(False, 422, lambda user: dumps(user["password"]), id="a string"),
        pytest.param(False, 422, lambda user: dumps(user)[:-1], id="not JSON"),
    ],
)
def test_a_registration_reveals_no_password(launch, values, taken, status, change):
    server = launch()
    new = user_with(values, values.text())
    before = [register(server.client, new) for _ in range(taken)]

    response = server.client.post("/users", content=change(new), headers={"Content-Type": JSON})

    assert response.status_code == status
    assert before == [public(new)] * taken
    server.client.get("/health")  # by then, the log is written
    told = f"{response.headers} {response.text} {server.log}"
    assert [secret for secret in (new["password"], "$argon2") if secret in told] == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        pytest.param(login, 200, id="the right password"),
        pytest.param(lambda user: login(user, username="nobody"), 401, id="another user"),
        pytest.param(lambda user: login(user, password=user["password"] + "x"), 401, id="a longer password"),
        pytest.param(
            lambda user: {"Authorization": f"{login(user)['Authorization']}!"}, 401, id="not Base64"
        ),
        pytest.param(lambda user: {"Authorization": f"Bearer {user['password']}"}, 401, id="another scheme"),
        pytest.param(lambda user: raw(user["password"].encode()), 401, id="no colon"),
        pytest.param(lambda user: raw(user["password"].encode() + b":\xff"), 401, id="not UTF-8"),
    ],
)
def test_a_login_reveals_no_password(launch, values, changed, status):
    server = launch()
    user = user_with(values, values.text())
    register(server.client, user)
    headers = changed(user)
    lost = server.client.get("/unknown", headers=headers)

    response = server.client.get("/me", headers=headers)

    assert [lost.status_code, response.status_code] == [404, status]
    server.client.get("/health")  # by then, the log is written
    told = f"{response.headers} {response.text} {server.log}"
    secrets = (user["password"], "$argon2", headers["Authorization"].partition(" ")[2])
    assert [secret for secret in secrets if secret in told] == []


def test_a_restart_forgets_all_users(launch, values):
    server = launch()
    user = user_with(values, values.text())
    register(server.client, user)
    before = server.client.get("/me", headers=login(user))

    server.restart(warm=True)

    assert before.json() == public(user)
    assert server.client.get("/me", headers=login(user)).status_code == 401
    assert server.client.post("/users", json=user).status_code == 201
