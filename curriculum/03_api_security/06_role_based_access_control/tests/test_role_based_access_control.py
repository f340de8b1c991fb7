"""The acceptance tests of curriculum 3.6: one for each criterion of the ticket, whose matrix is read from there."""

import json
import re
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

JSON, PROBLEM = "application/json", "application/problem+json"
TICKET = Path(__file__).parent.parent / "README.md"
ROW = re.compile(
    r"^\| `(\w+ /\S*)`(?:, (own|another's))? \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE
)
ROLES = ["guest", "user", "moderator", "admin"]
MATRIX = {
    (operation, whose, role): int(status)
    for operation, whose, *statuses in ROW.findall(TICKET.read_text(encoding="utf-8"))
    for role, status in zip(ROLES, statuses, strict=True)
}
"""The status of each cell: the ticket's table is the only place where they stand."""
OPERATIONS = sorted({operation for operation, _, _ in MATRIX})
DENIED = [cell for cell in MATRIX if MATRIX[cell] in {401, 403, 404}]
CLOSED = [
    (operation, role)
    for operation in OPERATIONS
    for role in ROLES
    if {MATRIX[cell] for cell in MATRIX if (cell[0], cell[2]) == (operation, role)} <= {401, 403}
]
"""The operations that a role may use for nothing, not even its own."""
ROOT = {"username": "admin", "password": "for development only"}
TAKEN = ROOT | {"email": "admin@example.com"}
DENIAL = re.compile(r"denied user=(\S+) method=(\S+) path=(\S+) status=(\d+)")
UNKNOWN = 987654321
PEOPLE = {}
"""The people of each test on a server: its rows share them, since each of them costs hashes."""


def log_in(client, user):
    """Log in, and return the header with the token."""
    sent = {name: user[name] for name in ("username", "password")}
    answer = client.post("/token", json=sent).raise_for_status().json()
    return {"Authorization": f"Bearer {answer['access_token']}"}


def user_with(values, **fields):
    """Return what a client sends to register."""
    name = f"user_{values.getrandbits(48)}"
    return {"username": name, "email": f"{name}@example.com", "password": values.text(), **fields}


def register(client, values):
    """Register a user, and return them with their password."""
    new = user_with(values)
    return client.post("/users", json=new).raise_for_status().json() | {"password": new["password"]}


def hire(client, values, people, role):
    """Register a user, let the first Admin give them a role, and log in."""
    user = register(client, values)
    give_role(client, people("root"), user, role)
    return user | {"role": role, "headers": log_in(client, user)}


def give_role(client, admin, user, role):
    """Change a user's role."""
    sent = {"json": {"role": role}, "headers": admin["headers"]}
    return client.put(f"/users/{user['id']}/role", **sent).raise_for_status().json()


def public(user):
    """Return what others see of a user."""
    return {name: user[name] for name in ("id", "username", "role")}


def private(user):
    """Return what the user and Admins see of a user."""
    return {name: user[name] for name in ("id", "username", "role", "email")}


def write_review(client, user, text="Nice."):
    """Write a review."""
    return client.post("/reviews", json={"text": text}, headers=user["headers"]).raise_for_status().json()


def place_order(client, user, item="Mug"):
    """Place an order."""
    return client.post("/orders", json={"item": item}, headers=user["headers"]).raise_for_status().json()


def read(client, path, user):
    """Return what a user gets from a path."""
    return client.get(path, headers=user["headers"]).raise_for_status().json()


def read_all(client, people):
    """Return all that the shop holds, as an Admin sees it."""
    return [read(client, path, people("root")) for path in ("/users", "/reviews", "/orders")]


def request_for(client, values, people, cell, other="owner", **options):
    """Return the arguments of the request for a cell of the matrix, after making what it is about.

    What is another's is that of a user, or of an Admin if `other` is "boss"; a guest asks for the same.
    """
    operation, whose, role = cell
    method, path = operation.split()
    owner = people({"own": role}.get(whose, other).replace("guest", other))
    make = {
        "user_id": lambda: owner,
        "review_id": lambda: write_review(client, owner),
        "order_id": lambda: place_order(client, owner),
    }
    payloads = {
        "POST /users": user_with(values),
        "POST /token": ROOT,
        "PATCH /users/{user_id}": {"email": f"new.{values.getrandbits(48)}@example.com"},
        "PUT /users/{user_id}/role": {"role": "admin"},
        "POST /reviews": {"text": values.text()},
        "POST /orders": {"item": values.text()},
    }
    return {
        "method": method,
        "url": re.sub(r"\{(\w+)\}", lambda found: str(make[found[1]]()["id"]), path),
        "json": payloads.get(operation),
        "headers": people(role)["headers"],
        **options,
    }


def cells(role):
    """Return a decorator that makes rows of the test for each cell of a column: another's is a user's or an Admin's."""
    others = {"another's": ("owner", "boss")}
    rows = [
        pytest.param(cell, other, id=f"{name_of(cell)}{' (an Admin)' * (other == 'boss')}")
        for cell in MATRIX
        if cell[2] == role
        for other in others.get(cell[1], ("owner",))
    ]
    return pytest.mark.parametrize(("cell", "other"), rows)


def name_of(cell):
    """Return what a report calls a cell."""
    operation, *more = cell
    return ", ".join([operation, *filter(None, more)])


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def parts_of(challenge):
    """Return the scheme of a challenge in lower case, and its parameters."""
    scheme, _, parameters = challenge.partition(" ")
    return scheme.lower(), dict(re.findall(r'(\w+)="([^"]*)"', parameters))


def denials(server):
    """Return all denied attempts of a log: who, the method, the path and the status."""
    server.client.get("/openapi.json").raise_for_status()  # by then, the log is written
    return DENIAL.findall(server.log)


def people_of(client, values, hired):
    """Return a function that finds the people of a server by their roles: one is hired when first asked for."""

    def find(role):
        """Return the person with a role, or the owner of what is another's."""
        return hired.get(role) or hired.setdefault(role, make[role]())

    make = {
        "guest": lambda: {"username": "-", "headers": {}},
        "root": lambda: ROOT | {"headers": log_in(client, ROOT)},
        "owner": lambda: hire(client, values, find, "user"),
        "boss": lambda: hire(client, values, find, "admin"),
        **{role: partial(hire, client, values, find, role) for role in ROLES[1:]},
    }
    return find


@pytest.fixture
def people(client, address, values, request):
    """Find the people of a test, whom its rows share; with the address itself, nothing else gets its id."""
    _, hired = PEOPLE.setdefault((id(address), request.function), (address, {}))
    return people_of(client, values, hired)


@cells("guest")
def test_guests_get_what_the_matrix_says(client, values, people, cell, other):
    sent = request_for(client, values, people, cell, other)

    response = client.request(**sent)

    assert response.status_code == MATRIX[cell]


@cells("user")
def test_users_get_what_the_matrix_says(client, values, people, cell, other):
    sent = request_for(client, values, people, cell, other)

    response = client.request(**sent)

    assert response.status_code == MATRIX[cell]


@cells("moderator")
def test_moderators_get_what_the_matrix_says(client, values, people, cell, other):
    sent = request_for(client, values, people, cell, other)

    response = client.request(**sent)

    assert response.status_code == MATRIX[cell]


@cells("admin")
def test_admins_get_what_the_matrix_says(client, values, people, cell, other):
    sent = request_for(client, values, people, cell, other)

    response = client.request(**sent)

    assert response.status_code == MATRIX[cell]


@pytest.mark.parametrize(
    ("role", "status"), [("guest", 401), ("user", 403), ("moderator", 403), ("admin", 403)]
)
def test_the_matrix_is_complete_and_what_it_lacks_is_refused(client, people, role, status):
    document = client.get("/openapi.json").raise_for_status().json()
    shown = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}

    response = client.get("/reports/export", headers=people(role)["headers"])

    assert response.status_code == status
    assert sorted(re.sub(r"\{\w+\}", "{}", one) for one in shown) == [
        re.sub(r"\{\w+\}", "{}", one) for one in OPERATIONS
    ]


@pytest.mark.parametrize("cell", [cell for cell in DENIED if not cell[0].startswith("GET")], ids=name_of)
def test_a_denied_request_changes_nothing(client, values, people, cell):
    sent = request_for(client, values, people, cell)
    before = read_all(client, people)

    response = client.request(**sent)

    assert response.status_code == MATRIX[cell]
    assert read_all(client, people) == before


@pytest.mark.parametrize(("operation", "role"), CLOSED, ids=[name_of(one) for one in CLOSED])
def test_the_role_is_checked_before_the_payload_and_the_id(client, people, operation, role):
    method, path = operation.split()
    unknown = re.sub(r"\{\w+\}", str(UNKNOWN), path)

    response = client.request(method, unknown, json={"unknown": 5}, headers=people(role)["headers"])

    assert response.status_code == {"guest": 401}.get(role, 403)


CHALLENGED = [cell for cell in DENIED if MATRIX[cell] == 401]


@pytest.mark.parametrize(
    ("cell", "headers", "error"),
    [
        *(pytest.param(cell, {}, None, id=name_of(cell)) for cell in CHALLENGED),
        *(
            pytest.param(
                cell, {"Authorization": "Bearer unknown"}, "invalid_token", id=f"wrong, {name_of(cell)}"
            )
            for cell in MATRIX
            if cell[1:] == ("", "guest")
        ),
        pytest.param(
            ("GET /orders", "", "guest"), {"Authorization": "Basic YTpi"}, "invalid_token", id="Basic"
        ),
        pytest.param(
            ("GET /orders", "", "guest"), {"Authorization": "Bearer"}, "invalid_token", id="no token"
        ),
    ],
)
def test_every_401_has_a_challenge(client, values, people, cell, headers, error):
    sent = request_for(client, values, people, cell, headers=headers)

    response = client.request(**sent)

    assert response.status_code == 401
    challenges = response.headers.get_list("WWW-Authenticate")
    assert [parts_of(challenge)[0] for challenge in challenges] == ["bearer"]
    assert "realm" in parts_of(challenges[0])[1]
    assert parts_of(challenges[0])[1].get("error") == error


WRONG = {
    "unknown": lambda _: "Bearer unknown",
    "longer": lambda token: f"Bearer {token}x",
    "shorter": lambda token: f"Bearer {token[:-1]}",
    "twice": lambda token: f"Bearer {token} {token}",
    "in quotation marks": lambda token: f'Bearer "{token}"',
    "its letters swapped": lambda token: f"Bearer {token.swapcase()}",
    "its hash": lambda token: f"Bearer {sha256(token.encode()).hexdigest()}",
    "another scheme": lambda token: f"Basic {token}",
    "a longer scheme": lambda token: f"Bearers {token}",
    "no scheme": lambda token: token,
    "the scheme alone": lambda _: "Bearer",
    "the word null": lambda _: "Bearer null",
}


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        *(pytest.param(("GET /reviews", "", "user"), wrong, id=name) for name, wrong in WRONG.items()),
        *(
            pytest.param(cell, WRONG["longer"], id=name_of(cell))
            for cell in MATRIX
            if cell[2] == "admin" and cell[1] != "own"
        ),
    ],
)
def test_a_wrong_token_is_401_everywhere(client, values, people, cell, wrong):
    right = people(cell[2])["headers"]
    token = right["Authorization"].removeprefix("Bearer ")
    sent = request_for(client, values, people, cell, headers={"Authorization": wrong(token)})

    response = client.request(**sent)

    assert response.status_code == 401
    assert client.get("/orders", headers={"Authorization": f"bEARER {token}"}).status_code == 200


@pytest.mark.parametrize("role", ["user", "moderator"])
def test_somebody_elses_order_looks_like_none(client, people, role):
    order = place_order(client, people("owner"))
    headers = people(role)["headers"]
    unknown = client.get(f"/orders/{UNKNOWN}", headers=headers)

    response = client.get(f"/orders/{order['id']}", headers=headers)

    assert response.status_code == 404
    assert media_type(response) == PROBLEM
    shown, expected = (
        {name: one.json()[name] for name in ("type", "title", "status", "detail")}
        for one in (response, unknown)
    )
    assert re.sub(rf"\b{order['id']}\b", str(UNKNOWN), shown.pop("detail")) == expected.pop("detail")
    assert shown == expected
    assert read(client, f"/orders/{order['id']}", people("owner")) == order


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
def test_orders_are_listed_for_their_owners_and_admins(client, people, role):
    before = read(client, "/orders", people(role))
    placed = [place_order(client, people(one), one) for one in ("owner", role, "owner", role)]

    response = client.get("/orders", headers=people(role)["headers"])

    assert response.status_code == 200
    seen = {"admin": placed}.get(role, placed[1::2])
    assert response.json() == [*before, *seen]


@pytest.mark.parametrize(
    ("viewer", "subject", "shape", "form"),
    [
        ("user", "user", private, "/users/{}"),
        ("user", "owner", public, "/users/{}"),
        ("user", "admin", public, "/users/{}"),
        ("moderator", "moderator", private, "/users/{}"),
        ("moderator", "owner", public, "/users/{}"),
        ("moderator", "admin", public, "/users/{}"),
        ("admin", "admin", private, "/users/{}"),
        ("admin", "owner", private, "/users/{}"),
        ("moderator", "moderator", private, "/users"),
        ("moderator", "owner", public, "/users"),
        ("moderator", "admin", public, "/users"),
        ("admin", "admin", private, "/users"),
        ("admin", "owner", private, "/users"),
    ],
)
def test_an_email_is_for_its_user_and_admins(client, people, viewer, subject, shape, form):
    headers, user = people(viewer)["headers"], people(subject)

    response = client.get(form.format(user["id"]), headers=headers)

    assert response.status_code == 200
    users = {"/users": response.json()}.get(form, [response.json()])
    assert [one for one in users if one["id"] == user["id"]] == [shape(user)]
    assert [one["id"] for one in users] == sorted(one["id"] for one in users)


@pytest.mark.parametrize(
    ("role", "whose"), [("user", "own"), ("moderator", "own"), ("admin", "own"), ("user", "another's")]
)
def test_users_change_their_own_email(client, values, people, role, whose):
    user = hire(client, values, people, role)
    before = read(client, "/users", people("root"))
    email = f"new.{values.getrandbits(48)}@example.com"
    headers = {"own": user["headers"]}.get(whose, people("root")["headers"])

    response = client.patch(f"/users/{user['id']}", json={"email": email}, headers=headers)

    assert response.status_code == 200
    assert response.json() == private(user) | {"email": email}
    assert read(client, "/users", people("root")) == [*before[:-1], before[-1] | {"email": email}]


@pytest.mark.parametrize("role", ["user", "admin"])
def test_what_is_created_belongs_to_the_caller(client, people, kept_text, role):
    caller = people(role)

    review = client.post("/reviews", json={"text": kept_text}, headers=caller["headers"])
    order = client.post("/orders", json={"item": kept_text}, headers=caller["headers"])

    assert (review.status_code, order.status_code) == (201, 201)
    new = review.json()
    assert new == {"id": new["id"], "user_id": caller["id"], "text": kept_text}
    assert client.get("/reviews").json()[-1] == new
    assert order.json() == {"id": order.json()["id"], "user_id": caller["id"], "item": kept_text}
    assert read(client, f"/orders/{order.json()['id']}", caller) == order.json()


@pytest.mark.parametrize(
    ("cell", "chosen"),
    [
        (("POST /users", "", "guest"), {"role": "admin"}),
        (("POST /users", "", "guest"), {"role": "user"}),
        (("POST /users", "", "admin"), {"role": "moderator"}),
        (("POST /users", "", "guest"), {"id": 77}),
        (("POST /users", "", "guest"), {"password_hash": "x"}),
        (("PATCH /users/{user_id}", "own", "user"), {"role": "admin"}),
        (("PATCH /users/{user_id}", "own", "admin"), {"role": "admin"}),
        (("PATCH /users/{user_id}", "another's", "admin"), {"username": "other"}),
        (("PATCH /users/{user_id}", "own", "user"), {"id": 77}),
        (("PUT /users/{user_id}/role", "another's", "admin"), {"email": "a@example.com"}),
        (("POST /token", "", "guest"), {"role": "admin"}),
        (("POST /reviews", "", "user"), {"user_id": 1}),
        (("POST /reviews", "", "admin"), {"user_id": 1}),
        (("POST /orders", "", "user"), {"user_id": 1}),
        (("POST /orders", "", "admin"), {"user_id": 1}),
        (("POST /orders", "", "user"), {"id": 77}),
    ],
    ids=str,
)
def test_clients_choose_no_role_and_no_owner(client, values, people, cell, chosen):
    sent = request_for(client, values, people, cell)
    people("owner")
    before = read_all(client, people)

    response = client.request(**sent | {"json": sent["json"] | chosen})

    assert response.status_code == 422
    assert read_all(client, people) == before
    assert client.request(**sent).status_code == MATRIX[cell]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("user", "moderator"),
        ("user", "admin"),
        ("moderator", "user"),
        ("admin", "moderator"),
    ],
)
def test_admins_change_roles(client, values, people, old, new):
    user = register(client, values)
    give_role(client, people("root"), user, old)
    before = read(client, "/users", people("root"))

    response = client.put(f"/users/{user['id']}/role", json={"role": new}, headers=people("root")["headers"])

    assert response.status_code == 200
    assert response.json() == private(user) | {"role": new}
    assert read(client, "/users", people("root")) == [*before[:-1], private(user) | {"role": new}]


@pytest.mark.parametrize(
    ("old", "new", "operation"),
    [
        ("user", "moderator", "GET /users"),
        ("moderator", "user", "GET /users"),
        ("admin", "user", "GET /users"),
        ("moderator", "admin", "DELETE /orders/{order_id}"),
    ],
)
def test_a_changed_role_counts_at_the_next_request(client, values, people, old, new, operation):
    user = hire(client, values, people, old)
    whose = {"GET /users": ""}.get(operation, "another's")
    first = request_for(client, values, people, (operation, whose, old), headers=user["headers"])
    second = request_for(client, values, people, (operation, whose, new), headers=user["headers"])
    before = client.request(**first)
    give_role(client, people("root"), user, new)

    response = client.request(**second)

    assert before.status_code == MATRIX[operation, whose, old]
    assert response.status_code == MATRIX[operation, whose, new]


@pytest.mark.parametrize("role", ["user", "moderator"])
def test_the_last_admin_keeps_the_role(launch, values, role):
    client = launch().client
    people = people_of(client, values, {})
    moderator, admin = register(client, values), people("admin")
    give_role(client, people("root"), moderator, "moderator")
    root = next(one for one in read(client, "/users", admin) if one["username"] == ROOT["username"])
    give_role(client, admin, root, role)

    response = client.put(f"/users/{admin['id']}/role", json={"role": role}, headers=admin["headers"])

    assert response.status_code == 409
    assert read(client, "/users", admin) == [
        root | {"role": role},
        private(moderator) | {"role": "moderator"},
        private(admin),
    ]
    assert give_role(client, admin, admin, "admin") == private(admin)
    assert give_role(client, admin, moderator, "user") == private(moderator)


@pytest.mark.parametrize(
    ("whom", "second"), [([0, 1], [409]), ([1, 0], [403, 409])], ids=["themselves", "each other"]
)
def test_of_two_admins_who_leave_at_once_one_stays(launch, values, race, whom, second):
    client = launch().client
    people = people_of(client, values, {})
    admins = [hire(client, values, people, "admin") for _ in range(2)]
    root = next(one for one in read(client, "/users", admins[0]) if one["username"] == ROOT["username"])
    give_role(client, admins[0], root, "user")

    answers = race(
        2,
        lambda number: client.put(
            f"/users/{admins[whom[number]]['id']}/role",
            json={"role": "user"},
            headers=admins[number]["headers"],
        ),
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert statuses[1] in second
    stayed = admins[whom[[answer.status_code == 200 for answer in answers].index(False)]]
    roles = {one["id"]: one["role"] for one in read(client, "/users", stayed)}
    assert roles == {
        root["id"]: "user",
        **{admin["id"]: "user" for admin in admins},
        stayed["id"]: "admin",
    }


def test_denied_attempts_are_logged(launch, values, at_once):
    server = launch()
    client = server.client
    people = people_of(client, values, {})
    sent = [request_for(client, values, people, cell) for cell in DENIED]
    wrong = {"method": "GET", "url": "/reviews?text=x", "headers": {"Authorization": "Bearer unknown"}}
    expected = [
        (people(cell[2])["username"], one["method"], one["url"], str(MATRIX[cell]))
        for cell, one in zip(DENIED, sent, strict=True)
    ]

    answers = at_once(len(sent) + 1, lambda number: client.request(**[*sent, wrong][number]))

    assert [answer.status_code for answer in answers] == [*map(MATRIX.get, DENIED), 401]
    assert sorted(denials(server)) == sorted([*expected, ("-", "GET", "/reviews", "401")])


def test_nothing_else_is_logged_as_denied(launch, values, at_once):
    server = launch()
    client = server.client
    people = people_of(client, values, {})
    allowed = [
        cell for cell in MATRIX if cell not in DENIED and cell[0] not in {"POST /users", "POST /token"}
    ]
    sent = [request_for(client, values, people, cell) for cell in allowed]
    admin = {"headers": people("root")["headers"]}
    others = [
        {"method": "GET", "url": f"/orders/{UNKNOWN}", "headers": people("user")["headers"]},
        {"method": "DELETE", "url": f"/orders/{UNKNOWN}", **admin},
        {"method": "PUT", "url": "/users/1/role", "json": {"role": "king"}, **admin},
        {"method": "POST", "url": "/users", "json": {}},
        {"method": "POST", "url": "/users", "json": TAKEN},
        {"method": "GET", "url": "/openapi.json"},
        {"method": "GET", "url": "/docs"},
    ]

    answers = at_once(len(sent + others), lambda number: client.request(**(sent + others)[number]))

    statuses = [*map(MATRIX.get, allowed), 404, 404, 422, 422, 409, 200, 200]
    assert [answer.status_code for answer in answers] == statuses
    assert client.get("/orders").status_code == 401
    assert denials(server) == [("-", "GET", "/orders", "401")]


FORGED = [
    f"/orders/1{before}{end}denied%20user=mallory%20method=GET%20path=x%20status=403"
    for before in ("", "?text=x")
    for end in ("%0A", "%0D", "%20", "%E2%80%A8", "%C2%85")
]


def test_a_path_cannot_forge_a_log_line(launch, at_once):
    server = launch()
    at_once(len(FORGED), lambda number: server.client.delete(FORGED[number]))

    response = server.client.delete("/orders/2")

    assert response.status_code == 401
    logged = denials(server)
    assert [line for line in logged if "mallory" in line] == []
    assert [line for line in logged if line[2] == "/orders/2"] == [("-", "DELETE", "/orders/2", "401")]


def test_tokens_and_passwords_are_stored_as_hashes_only(launch, values):
    server = launch()
    people = people_of(server.client, values, {})
    user = people("user")
    headers = [user["headers"], *(log_in(server.client, user) for _ in range(7))]
    tokens = [one["Authorization"].removeprefix("Bearer ") for one in headers]
    sent = {name: user[name] for name in ("username", "password")}
    given = server.client.post("/token", json=sent).raise_for_status().json()
    wrong = {"token": values.text(1).replace(" ", "."), "password": values.text()}
    server.client.get("/orders", headers={"Authorization": f"Bearer {wrong['token']}"})
    server.client.post("/token", json=sent | {"password": wrong["password"]})
    server.client.post("/users", json=user_with(values, **sent | {"password": wrong["password"]}))

    response = server.client.get("/orders", headers=headers[0])

    assert response.status_code == 200
    assert server.client.get("/orders", headers=headers[1]).status_code == 200
    stored = b"".join(map(server.files.read, ("shop.db", "shop.db-wal")))
    assert user["username"].encode() in stored
    told = f"{stored.decode('latin-1')} {server.log}"
    secrets = [
        *tokens,
        given["access_token"],
        *(token[:20] for token in tokens),
        user["password"],
        ROOT["password"],
        *wrong.values(),
    ]
    assert [secret for secret in secrets if secret in told] == []
    assert len({*tokens, given["access_token"]}) == 9
    assert given == {"access_token": given["access_token"], "token_type": "bearer"}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda _: {"password": "another password"}, id="another password"),
        pytest.param(lambda _: {"password": ROOT["password"]}, id="another user's password"),
        pytest.param(lambda user: {"password": user["password"].upper()}, id="in capitals"),
        pytest.param(lambda user: {"password": user["password"] + "x"}, id="longer"),
        pytest.param(lambda user: {"password": user["password"] + " "}, id="with a blank"),
        pytest.param(lambda user: {"password": "\t" + user["password"]}, id="with a tab"),
        pytest.param(lambda _: {"password": ""}, id="empty"),
        pytest.param(lambda user: {"username": user["username"] + "x"}, id="unknown user"),
        pytest.param(lambda user: {"username": user["username"].upper()}, id="another letter case"),
        pytest.param(lambda user: {"username": user["username"] + " "}, id="another user with a blank"),
    ],
)
def test_a_wrong_password_gets_no_token(client, people, changed):
    user = people("user")
    sent = {name: user[name] for name in ("username", "password")}

    response = client.post("/token", json=sent | changed(user))

    assert response.status_code == 401
    assert "access_token" not in response.json()
    assert [parts_of(one)[0] for one in response.headers.get_list("WWW-Authenticate")] == ["bearer"]
    assert client.get("/orders", headers=user["headers"]).status_code == 200


def test_the_first_admin_is_created_once(launch, values):
    first = {"username": "root_of_all", "password": values.text()}
    server = launch(
        ADMIN_USERNAME=first["username"],
        ADMIN_PASSWORD=first["password"],
        DATABASE_URL="sqlite:///other.db",
    )
    root = {"headers": log_in(server.client, first)}
    people = {"root": root}.__getitem__
    other = hire(server.client, values, people, "admin")
    user = read(server.client, "/users", other)[0]
    give_role(server.client, other, user, "user")

    server.restart(warm=True)

    assert server.client.get("/users", headers=root["headers"]).status_code == 403
    assert server.client.get("/orders", headers=log_in(server.client, first)).status_code == 200
    expected = [public(user) | {"role": "user", "email": user["email"]}, private(other)]
    assert read(server.client, "/users", other) == expected
    assert [name for name in server.files.names() if name.endswith(".db")] == ["other.db"]
    server.restart(warm=True, ADMIN_USERNAME="second", ADMIN_PASSWORD=values.text())
    assert read(server.client, "/users", other) == expected


@pytest.mark.parametrize(
    ("name", "password"), [(3, "p" * 8), (20, "\U0001f511" * 128)], ids=["the shortest", "the longest"]
)
def test_names_and_passwords_may_reach_their_limits(client, values, people, name, password):
    letters = values.choices("abcdefghijklmnopqrstuvwxyz0123456789_", k=name)
    known = people("owner")["email"]  # which is another's as well
    user = user_with(values, username="".join(letters), password=password, email=known)

    response = client.post("/users", json=user)

    assert response.status_code == 201
    new = response.json()
    assert new == {"id": new["id"], "username": user["username"], "role": "user", "email": user["email"]}
    assert read(client, f"/users/{new['id']}", {"headers": log_in(client, user)}) == new
    wrong = {"username": user["username"], "password": password[:-1] + "x"}
    assert client.post("/token", json=wrong).status_code == 401


def test_a_taken_user_name_is_409(client, values, people, race):
    user = people("user")
    before = read(client, "/users", people("root"))
    new = user_with(values)
    sent = [user_with(values, username=user["username"]), *[new] * 4]

    answers = race(len(sent), lambda number: client.post("/users", json=sent[number]))

    assert answers[0].status_code == 409
    assert sorted(answer.status_code for answer in answers[1:]) == [201, 409, 409, 409]
    (added,) = [answer.json() for answer in answers if answer.status_code == 201]
    assert read(client, "/users", people("root")) == [*before, added]
    assert client.get("/orders", headers=log_in(client, user)).status_code == 200


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        *(
            pytest.param("POST /users", {"username": name}, id=f"name {name!a:.30}")
            for name in (
                "ab",
                "a" * 21,
                "Ada",
                "ada lovelace",
                "ad\u00e0",
                "ada\n",
                "\nada",
                "ada-l",
                "",
                12345,
                None,
            )
        ),
        *(
            pytest.param("POST /users", {"password": password}, id=f"password {password!a:.30}")
            for password in ("7 chars", "p" * 129, " " * 8, "password \ud800", 12345678, None)
        ),
        *(
            pytest.param("POST /users", {"email": email}, id=f"email {email!a}")
            for email in ("ada", "ada@", "", None)
        ),
        pytest.param("PATCH /users/{user_id}", {"email": "ada"}, id="changed email"),
        pytest.param("PATCH /users/{user_id}", {"email": None}, id="no email"),
        *(
            pytest.param("PUT /users/{user_id}/role", {"role": role}, id=f"role {role!a}")
            for role in ("guest", "Admin", "root", "", None, 3, ["user"])
        ),
        *(
            pytest.param(operation, {field: text}, id=f"{field} {text!a}")
            for operation, field in (("POST /reviews", "text"), ("POST /orders", "item"))
            for text in ("", " \u3000", "half \ud800", None, 5)
        ),
        pytest.param("POST /token", {"password": None}, id="token"),
        pytest.param("POST /token", {"username": 5}, id="token of a number"),
        pytest.param("POST /token", {"username": "\ud800"}, id="token of half a pair"),
        pytest.param("POST /token", {"password": "\ud800"}, id="token for half a pair"),
    ],
)
def test_an_invalid_payload_is_422(client, values, people, operation, changed):
    whose = {"PATCH /users/{user_id}": "another's", "PUT /users/{user_id}/role": "another's"}.get(
        operation, ""
    )
    sent = request_for(client, values, people, (operation, whose, "admin"))
    path = {"POST /reviews": "/reviews", "POST /orders": "/orders"}.get(operation, "/users")
    before = read(client, path, people("root"))
    content = json.dumps(sent["json"] | changed)  # which writes half of a surrogate pair as `\ud800`
    headers = sent["headers"] | {"Content-Type": JSON}

    response = client.request(sent["method"], sent["url"], content=content, headers=headers)

    assert response.status_code == 422
    assert read(client, path, people("root")) == before


@pytest.mark.parametrize(
    ("operation", "role"),
    [
        *((operation, "admin") for operation in OPERATIONS if "{" in operation),
        ("GET /users/{user_id}", "user"),
        ("GET /orders/{order_id}", "user"),
        ("DELETE /reviews/{review_id}", "user"),
        ("DELETE /reviews/{review_id}", "moderator"),
    ],
)
def test_unknown_ids_are_404(client, values, people, unknown_id, operation, role):
    sent = request_for(client, values, people, (operation, "own", role))
    path = re.sub(r"\{\w+\}", str(unknown_id), operation.split()[1])

    response = client.request(**sent | {"url": path})

    assert response.status_code == 404
    assert client.request(**sent).status_code == MATRIX[operation, "own", role]


@pytest.mark.parametrize(
    ("cell", "changed", "status"),
    [
        pytest.param(("GET /orders", "", "guest"), {}, 401, id="401"),
        pytest.param(
            ("GET /orders", "", "guest"), {"headers": {"Authorization": "Bearer x"}}, 401, id="token"
        ),
        pytest.param(("POST /token", "", "guest"), {"json": ROOT | {"password": "x"}}, 401, id="password"),
        pytest.param(("GET /users", "", "user"), {}, 403, id="403"),
        pytest.param(("PATCH /users/{user_id}", "another's", "user"), {}, 403, id="another's"),
        pytest.param(("GET /reports/sales", "", "admin"), {}, 403, id="report"),
        pytest.param(("GET /orders/{order_id}", "another's", "user"), {}, 404, id="hidden"),
        pytest.param(("GET /orders", "", "user"), {"url": f"/orders/{UNKNOWN}"}, 404, id="unknown"),
        pytest.param(("POST /users", "", "guest"), {"json": TAKEN}, 409, id="409"),
        pytest.param(("POST /users", "", "guest"), {"json": {}}, 422, id="422"),
    ],
)
def test_errors_are_problem_details(client, values, people, cell, changed, status):
    sent = request_for(client, values, people, cell)

    response = client.request(**sent | changed)

    assert response.status_code == status
    assert media_type(response) == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    assert [type(problem[name]) for name in ("type", "title", "detail")] == [str, str, str]


DELETIONS = [cell for cell in MATRIX if cell[0].startswith("DELETE") and MATRIX[cell] == 204]


@pytest.mark.parametrize("cell", DELETIONS, ids=map(name_of, DELETIONS))
def test_what_is_deleted_is_gone(client, values, people, cell):
    kept = [write_review(client, people("owner")), place_order(client, people("owner"))]
    sent = request_for(client, values, people, cell)
    reviews, orders = ([row["id"] for row in rows] for rows in read_all(client, people)[1:])

    response = client.request(**sent)

    assert response.status_code == 204
    path, _, deleted = sent["url"].rpartition("/")
    expected = {"/reviews": reviews, "/orders": orders}
    assert int(deleted) in expected[path]
    expected[path].remove(int(deleted))
    assert [[row["id"] for row in rows] for rows in read_all(client, people)[1:]] == [reviews, orders]
    assert [kept[0]["id"] in reviews, kept[1]["id"] in orders] == [True, True]
