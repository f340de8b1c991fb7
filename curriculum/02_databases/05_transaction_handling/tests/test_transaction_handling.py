"""The acceptance tests of curriculum 2.5: one for each criterion of the ticket."""

import json
import string
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

JSON = "application/json"
BALANCES = "SELECT id, balance::numeric FROM accounts ORDER BY id"
BOOKED = "SELECT account_id, sum(amount)::numeric FROM bookings GROUP BY account_id ORDER BY account_id"
AS_STORED = """
SELECT balance, (SELECT sum(amount) FROM bookings WHERE account_id = accounts.id) FROM accounts ORDER BY id
"""
"""The same in whatever type it has."""
ROWS = """
SELECT 'account', a::text FROM accounts a
UNION ALL SELECT 'transfer', t::text FROM transfers t
UNION ALL SELECT 'booking', b::text FROM bookings b
ORDER BY 1, 2
"""
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""
"""How many connections wait for a lock."""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
FAIL = """
CREATE SEQUENCE passes;
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE pass bigint := nextval('passes');
BEGIN
    IF pass BETWEEN {first} AND {last} THEN
        {failure};
    END IF;
    RETURN NULL;
END $$;
CREATE {trigger} FOR EACH ROW EXECUTE FUNCTION fail();
"""
"""Lets a table's changes from the first to the last of these numbers fail; a sequence is not rolled back."""
ALL_THAT_FOLLOW = 1_000_000
AT_ONCE = "TRIGGER fail AFTER INSERT OR UPDATE ON {}"
AT_THE_COMMIT = "CONSTRAINT TRIGGER fail AFTER INSERT OR UPDATE ON {} DEFERRABLE INITIALLY DEFERRED"
ERROR = "RAISE 'made by the test' USING ERRCODE = '{}'"
BROKEN = ERROR.format("P0001")
FOREIGN_KEY_VIOLATION = ERROR.format("23503")
CHECK_VIOLATION = ERROR.format("23514")
SERIALIZATION_FAILURE = ERROR.format("40001")
DEADLOCK_DETECTED = ERROR.format("40P01")
CONNECTION_LOST = "PERFORM pg_terminate_backend(pg_backend_pid())"
MOVE = """
WITH money (account_id, amount) AS (VALUES ({0}, -5::numeric), ({1}, 5::numeric)),
    changed AS (UPDATE accounts SET balance = balance + amount FROM money WHERE id = account_id)
INSERT INTO bookings (account_id, amount) SELECT account_id, amount FROM money
"""
OPEN = """
WITH opened AS (INSERT INTO accounts (owner, balance) VALUES ('Dora', 7) RETURNING id, balance)
INSERT INTO bookings (account_id, amount) SELECT id, balance FROM opened
"""
OPEN_WITH_LARGE_ID = """
WITH opened AS (
    INSERT INTO accounts (id, owner, balance) OVERRIDING SYSTEM VALUE VALUES (3000000000, 'Eve', 20)
    RETURNING id, balance
)
INSERT INTO bookings (account_id, amount) SELECT id, balance FROM opened
"""
END_WAITING = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""
LOCK = "SELECT FROM accounts WHERE id = %s FOR UPDATE"
MOVE_BEFORE_COMMIT = """
WITH changed AS (
    UPDATE accounts SET balance = CASE id WHEN {0} THEN balance - {2} ELSE balance + {2} END
    WHERE id IN ({0}, {1})
    RETURNING id
), stored AS (
    INSERT INTO transfers (from_account_id, to_account_id, amount, made_at) VALUES ({0}, {1}, {2}, now())
)
SELECT pg_advisory_xact_lock(25) FROM (SELECT count(*) FROM changed) AS all_of_them
"""
"""Another program's transfer, which books nothing, and commits when it gets the lock."""
HOLD = "SELECT pg_advisory_xact_lock(25)"
LARGE_IDS = """
SELECT setval(pg_get_serial_sequence(name, 'id'), 3000000000) FROM (VALUES ('transfers'), ('bookings')) AS tables (name)
"""


def open_account(client, balance, owner="Ada"):
    """Open an account, and return it."""
    return client.post("/accounts", json={"owner": owner, "balance": balance}).raise_for_status().json()


def payload_of(source, target, amount):
    """Return what is sent to move money between two accounts."""
    return {"from_account_id": source["id"], "to_account_id": target["id"], "amount": amount}


def transfer(client, source, target, amount, key=None):
    """Move money, with a key if there is one."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post("/transfers", json=payload_of(source, target, amount), headers=headers)


def send_transfer(connection, source, target, amount, key):
    """Send what moves money, and do not wait for the response."""
    body = json.dumps(payload_of(source, target, amount))
    head = f"POST /transfers HTTP/1.1\r\nHost: app\r\nContent-Type: {JSON}\r\nIdempotency-Key: {key}\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())


def read(client, path):
    """Return what a path holds."""
    return client.get(path).raise_for_status().json()


def balances(client):
    """Return the balance of each account, by its id; each is what was booked."""
    report = read(client, "/report")
    assert [one["booked"] for one in report["accounts"]] == [one["balance"] for one in report["accounts"]]
    return {one["id"]: one["balance"] for one in report["accounts"]}


def exact(response):
    """Parse a response with its numbers as they are written."""
    return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)


def fail(server, table, *, last, failure=BROKEN, first=1, trigger=AT_ONCE):
    """Let changes of a table fail; see `FAIL`."""
    server.query(FAIL.format(failure=failure, first=first, last=last, trigger=trigger.format(table)))


def two_apps(launch, **settings):
    """Start two apps on one database."""
    first = launch(**settings)
    first.client.get("/accounts/0")  # now it has made its tables
    return [first, launch(DATABASE_URL=first.settings["DATABASE_URL"])]


def new_key(values):
    """Return a key that no other request has."""
    return f"key-{values.getrandbits(60)}"


@pytest.fixture
def server(launch):
    """Start the app on an empty database."""
    return launch()


@pytest.fixture
def accounts(client):
    """Open an account for each of three owners."""
    return [
        open_account(client, 100, "Ada"),
        open_account(client, 50, "Bob"),
        open_account(client, 20, "Cleo"),
    ]


@pytest.fixture
def servers(launch):
    """Start two apps on one database."""
    return two_apps(launch)


@pytest.mark.parametrize(
    ("source", "target"), [pytest.param(0, 2, id="to a newer"), pytest.param(2, 0, id="to an older")]
)
def test_a_transfer_moves_money(server, source, target):
    client = server.client
    accounts = [open_account(client, balance, f"{balance}") for balance in (100, 50)]
    server.query(OPEN_WITH_LARGE_ID)
    accounts.append(read(client, "/accounts/3000000000"))
    source, target = accounts[source], accounts[target]
    server.query(LARGE_IDS)
    others = {"id": 77, "made_at": "2020-02-20T20:20:20Z", "idempotency_key": None}
    before = datetime.now(UTC)

    response = client.post("/transfers", json={**others, **payload_of(source, target, 12.5)})

    assert response.status_code == 201
    assert response.headers["Content-Type"].split(";")[0] == JSON
    made = response.json()
    assert made == {"id": made["id"], **payload_of(source, target, 12.5), "made_at": made["made_at"]}
    assert type(made["id"]) is int
    made_at = datetime.fromisoformat(made["made_at"])
    assert made_at.utcoffset() == timedelta(0)
    assert abs(made_at - before) < timedelta(minutes=1)
    after = {account["id"]: Decimal(account["balance"]) for account in accounts}
    after[source["id"]] -= Decimal("12.5")
    after[target["id"]] += Decimal("12.5")
    assert dict(server.query(BALANCES)) == after
    assert dict(server.query(BOOKED)) == after
    assert read(client, f"/accounts/{target['id']}")["balance"] == target["balance"] + 12.5
    assert server.query("SELECT id, from_account_id, to_account_id, amount, made_at FROM transfers") == [
        (made["id"], source["id"], target["id"], Decimal("12.5"), made_at)
    ]
    assert server.query("SELECT account_id, transfer_id, amount FROM bookings ORDER BY amount LIMIT 2") == [
        (source["id"], made["id"], Decimal("-12.5")),
        (target["id"], made["id"], Decimal("12.5")),
    ]


@pytest.mark.parametrize(
    ("balance", "amounts", "left"),
    [
        pytest.param(0.3, [0.1, 0.2], ["0.20", "0.00"], id="tenths"),
        pytest.param(0.3, [0.1, 0.1], ["0.20", "0.10"], id="tenths on both"),
        pytest.param(1_000_000, [999_999.99, 0.01], ["0.01", "0.00"], id="a million"),
        pytest.param(2.2, [1.1, 0.29], ["1.1", "0.81"], id="what is left"),
    ],
)
def test_transfers_are_exact_to_the_cent(server, balance, amounts, left):
    ada, bob = open_account(server.client, balance, "Ada"), open_account(server.client, 0, "Bob")

    made = transfer(server.client, ada, bob, amounts[0])

    assert made.status_code == 201
    assert server.query(AS_STORED)[0] == (Decimal(left[0]), Decimal(left[0]))
    assert transfer(server.client, ada, bob, amounts[1]).status_code == 201
    after = [Decimal(left[1]), Decimal(str(balance)) - Decimal(left[1])]
    assert server.query(AS_STORED) == [(amount, amount) for amount in after]
    report = exact(server.client.get("/report"))
    assert report["total"] == Decimal(str(balance))
    assert [one["balance"] for one in report["accounts"]] == after
    assert [one["booked"] for one in report["accounts"]] == after
    assert server.query("SELECT amount FROM transfers ORDER BY id") == [
        (Decimal(str(amount)),) for amount in amounts
    ]


@pytest.mark.parametrize(
    "amount", [pytest.param(100.01, id="a cent too much"), pytest.param(1_000_000, id="far too much")]
)
@pytest.mark.parametrize(
    "another",
    [
        pytest.param("Bob", id="nothing else"),
        pytest.param("ad\u00e1 {}", id="an owner in another letter case"),
        pytest.param("Ad\u00e1 {} ", id="an owner with a blank"),
        pytest.param("Ada\u0301 {}", id="an owner whose accent is a character"),
    ],
)
def test_uncovered_transfers_are_409(client, values, amount, another):
    number = values.getrandbits(60)
    ada, bob = open_account(client, 100, f"Ad\u00e1 {number}"), open_account(client, 20, f"Bob {number}")
    open_account(client, 1_000_000, another.format(number))
    before = read(client, "/report")

    response = transfer(client, ada, bob, amount)

    assert response.status_code == 409
    assert read(client, "/report") == before
    assert transfer(client, ada, bob, 100).status_code == 201
    assert transfer(client, ada, bob, 0.01).status_code == 409
    assert balances(client)[ada["id"]] == 0


def test_accounts_of_one_owner_cover_each_other(fresh_client):
    client = fresh_client
    first, bob, second = (
        open_account(client, balance, owner) for balance, owner in ((10, "Ada"), (5, "Bob"), (90, "Ada"))
    )

    response = transfer(client, first, bob, 99.99)

    assert response.status_code == 201
    assert balances(client) == {first["id"]: -89.99, bob["id"]: 104.99, second["id"]: 90}
    assert transfer(client, second, bob, 0.02).status_code == 409
    assert transfer(client, second, bob, 0.01).status_code == 201
    assert transfer(client, first, bob, 0.01).status_code == 409
    third = open_account(client, 1, "Ada")
    assert transfer(client, first, bob, 1).status_code == 201
    assert transfer(client, second, third, 500).status_code == 201
    assert balances(client) == {first["id"]: -90.99, bob["id"]: 106, second["id"]: -410.01, third["id"]: 501}


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        pytest.param('"amount": 0', {}, id="nothing"),
        pytest.param('"amount": -0.01', {}, id="a negative amount"),
        pytest.param('"amount": 0.001', {}, id="a tenth of a cent"),
        pytest.param('"amount": 1.005', {}, id="three decimals"),
        pytest.param('"amount": 1000000.01', {}, id="beyond a million"),
        pytest.param('"amount": "5"', {}, id="an amount in quotes"),
        pytest.param('"amount": true', {}, id="true"),
        pytest.param('"amount": null', {}, id="no amount"),
        pytest.param('"amount": NaN', {}, id="NaN"),
        pytest.param('"amount": 1e400', {}, id="1e400"),
        pytest.param('"to_account_id": FROM', {}, id="to itself"),
        pytest.param('"to_account_id": "TO"', {}, id="an id in quotes"),
        pytest.param('"to_account_id": TO.0', {}, id="an id with decimals"),
        pytest.param('"from_account_id": null', {}, id="no id"),
        pytest.param('"from_account_id": "FROM"', {}, id="the sender's id in quotes"),
        pytest.param('"from_account_id": true', {}, id="true is no account"),
        pytest.param('"amount": 5', {"Idempotency-Key": ""}, id="an empty key"),
        pytest.param('"amount": 5', {"Idempotency-Key": "k" * 81}, id="a key of 81 characters"),
    ],
)
def test_invalid_transfers_are_422(client, values, change, headers):
    ada, bob = open_account(client, 1_000_000, "Ada"), open_account(client, 0, "Bob")
    valid = json.dumps(payload_of(ada, bob, 5))[:-1]
    sent = f"{valid}, {change}}}".replace("FROM", str(ada["id"])).replace("TO", str(bob["id"]))
    before = read(client, "/report")

    response = client.post("/transfers", content=sent, headers={"Content-Type": JSON, **headers})

    assert response.status_code == 422
    assert read(client, "/report") == before
    assert transfer(client, ada, bob, 5, new_key(values).ljust(80, "k")).status_code == 201
    assert transfer(client, ada, bob, 999_995).status_code == 201


@pytest.mark.parametrize("name", ["from_account_id", "to_account_id"])
def test_unknown_accounts_are_404(client, accounts, name, unknown_id):
    payload = payload_of(accounts[0], accounts[1], 5)
    before = read(client, "/report")

    response = client.post("/transfers", json=payload | {name: unknown_id})

    assert response.status_code == 404
    assert read(client, "/report") == before
    assert client.post("/transfers", json=payload).status_code == 201


@pytest.mark.parametrize(
    ("table", "number", "failure"),
    [
        pytest.param("accounts", 2, BROKEN, id="the second balance"),
        pytest.param("bookings", 2, CHECK_VIOLATION, id="the second booking"),
        pytest.param("transfers", 1, FOREIGN_KEY_VIOLATION, id="the transfer"),
        pytest.param("bookings", 1, DEADLOCK_DETECTED, id="a deadlock each time"),
    ],
)
def test_a_transfer_that_fails_changes_nothing(server, table, number, failure):
    ada, bob = open_account(server.client, 100, "Ada"), open_account(server.client, 50, "Bob")
    before = server.query(ROWS)
    fail(server, table, failure=failure, first=number, last=ALL_THAT_FOLLOW)

    response = transfer(server.client, bob, ada, 5, "key")

    assert response.status_code // 100 == 5
    assert server.query(ROWS) == before
    server.query("DROP FUNCTION fail CASCADE")
    assert transfer(server.client, bob, ada, 6, "key").status_code == 201
    assert balances(server.client) == {ada["id"]: 106, bob["id"]: 44}


@pytest.mark.parametrize(
    ("failure", "last", "key"),
    [
        pytest.param(BROKEN, ALL_THAT_FOLLOW, "key", id="an error"),
        pytest.param(CONNECTION_LOST, 1, None, id="a lost connection without a key"),
    ],
)
def test_a_failed_commit_is_no_201(server, failure, last, key):
    ada, bob = open_account(server.client, 100, "Ada"), open_account(server.client, 50, "Bob")
    before = server.query(ROWS)
    fail(server, "accounts", failure=failure, last=last, trigger=AT_THE_COMMIT)

    response = transfer(server.client, ada, bob, 5, key)

    assert response.status_code // 100 == 5
    assert server.query(ROWS) == before
    server.query("DROP FUNCTION fail CASCADE")
    assert transfer(server.client, ada, bob, 5, key).status_code == 201
    assert balances(server.client) == {ada["id"]: 95, bob["id"]: 55}


def test_fifty_transfers_at_once_lose_no_cent_and_never_deadlock(launch, database, values, race):
    servers = two_apps(launch, DATABASE_URL=database.url)
    ada, bob = open_account(servers[0].client, 1000, "Ada"), open_account(servers[0].client, 1000, "Bob")
    ways = [(ada, bob), (bob, ada)]
    cents = [values.randrange(1, 1000) for _ in range(50)]

    answers = race(
        50,
        lambda number: transfer(servers[number // 2 % 2].client, *ways[number % 2], cents[number] / 100),
        table="accounts",
    )

    assert Counter(answer.status_code for answer in answers) == {201: 50}
    moved = Decimal(sum(cents[::2]) - sum(cents[1::2])) / 100
    after = [(ada["id"], 1000 - moved), (bob["id"], 1000 + moved)]
    assert database.query(BALANCES) == after
    assert database.query(BOOKED) == after
    assert database.query("SELECT count(DISTINCT id) FROM transfers") == [(50,)]
    database.end_connections()  # now they are counted
    assert database.query(DEADLOCKS) == [(0,)]


def test_transfers_of_many_accounts_never_deadlock(launch, database, race):
    server = launch(DATABASE_URL=database.url)
    owners = ["Ada", "Bob", "Cleo", "Ada", "Bob"]
    accounts = [open_account(server.client, 1000, owner) for owner in owners]
    pairs = [(source, target) for source in accounts for target in accounts if source is not target]

    answers = race(20, lambda number: transfer(server.client, *pairs[number * 7 % 20], 1), table="accounts")

    assert Counter(answer.status_code for answer in answers) == {201: 20}
    database.end_connections()  # now they are counted
    assert database.query(DEADLOCKS) == [(0,)]


def test_transfers_at_once_never_overdraw_an_account(servers, race):
    ada, bob = open_account(servers[0].client, 100, "Ada"), open_account(servers[0].client, 0, "Bob")

    answers = race(
        20,
        lambda number: transfer(servers[number % 2].client, ada, bob, 30),
        table="accounts",
    )

    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 17}
    assert balances(servers[0].client) == {ada["id"]: 10, bob["id"]: 90}


@pytest.mark.parametrize("table", ["accounts", "bookings", "transfers"])
def test_nor_do_they_overdraw_two_accounts_of_one_owner(servers, race, table):
    client = servers[0].client
    first, bob, second, cleo = (open_account(client, 100, owner) for owner in ("Ada", "Bob", "Ada", "Cleo"))
    pairs = [(first, bob), (second, cleo)]

    answers = race(2, lambda number: transfer(servers[number].client, *pairs[number], 150), table=table)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 1}
    after = balances(client)
    assert after[first["id"]] + after[second["id"]] == 50
    assert after[bob["id"]] + after[cleo["id"]] == 350


@pytest.mark.parametrize(
    ("failure", "table", "trigger", "key"),
    [
        pytest.param(SERIALIZATION_FAILURE, "accounts", AT_ONCE, None, id="not serializable"),
        pytest.param(SERIALIZATION_FAILURE, "bookings", AT_THE_COMMIT, "key", id="the same at the commit"),
        pytest.param(DEADLOCK_DETECTED, "accounts", AT_ONCE, "key", id="a deadlock"),
        pytest.param(DEADLOCK_DETECTED, "transfers", AT_ONCE, None, id="a deadlock at the transfer"),
    ],
)
def test_what_the_database_aborts_is_tried_again(server, failure, table, trigger, key):
    ada, bob = open_account(server.client, 100, "Ada"), open_account(server.client, 50, "Bob")
    fail(server, table, failure=failure, last=3, trigger=trigger)

    response = transfer(server.client, ada, bob, 60, key)

    assert response.status_code == 201
    assert balances(server.client) == {ada["id"]: 40, bob["id"]: 110}
    assert server.query("SELECT id, amount FROM transfers") == [(response.json()["id"], Decimal(60))]
    assert server.query("SELECT last_value > 3 FROM passes") == [(True,)]


def test_a_key_sent_twice_makes_one_transfer(server, values):
    client, key = server.client, new_key(values)
    ada, bob = open_account(client, 100, "Ada"), open_account(client, 0, "Bob")
    first = transfer(client, ada, bob, 60, key).raise_for_status()
    transfer(client, bob, ada, 1).raise_for_status()
    server.restart(warm=True)
    before = server.query(ROWS)

    response = client.post(
        "/transfers",
        json={"colour": "blue", "to_account_id": bob["id"], "amount": 60.0, "from_account_id": ada["id"]},
        headers={"Idempotency-Key": key},
    )

    assert response.status_code == 201
    assert response.json() == first.json()
    assert server.query(ROWS) == before
    assert transfer(client, ada, bob, 1, key.upper()).status_code == 201
    assert transfer(client, ada, bob, 1, key.ljust(79, "k") + "a").status_code == 201
    assert transfer(client, ada, bob, 1, key.ljust(79, "k") + "b").status_code == 201
    assert transfer(client, ada, bob, 1, "k").status_code == 201
    assert transfer(client, ada, bob, 1, f'"{key}"').status_code == 201
    assert transfer(client, ada, bob, 1, f"{key},a").status_code == 201
    assert transfer(client, ada, bob, 1, key.replace("-", "_")).status_code == 201
    assert transfer(client, ada, bob, 1, string.punctuation).status_code == 201
    assert transfer(client, ada, bob, 1).status_code == 201
    assert transfer(client, ada, bob, 1).status_code == 201
    server.query("UPDATE transfers SET made_at = made_at - interval '400 days'")
    assert transfer(client, ada, bob, 60, key).json()["id"] == first.json()["id"]
    assert server.query("SELECT count(*) FROM transfers") == [(12,)]


@pytest.mark.parametrize("table", ["accounts", "transfers"])
def test_twenty_equal_keys_at_once_make_one_transfer(servers, values, race, table):
    key = new_key(values)
    ada, bob = open_account(servers[0].client, 100, "Ada"), open_account(servers[0].client, 0, "Bob")

    answers = race(
        20,
        lambda number: transfer(servers[number % 2].client, ada, bob, 80, key),
        table=table,
    )

    assert Counter(answer.status_code for answer in answers) == {201: 20}
    assert [answer.json() for answer in answers] == [answers[0].json()] * 20
    assert balances(servers[0].client) == {ada["id"]: 20, bob["id"]: 80}
    assert servers[0].query("SELECT id FROM transfers") == [(answers[0].json()["id"],)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"amount": 5.01}, id="amount"),
        pytest.param({"from_account_id": 2}, id="from"),
        pytest.param({"to_account_id": 2}, id="to"),
        pytest.param({"from_account_id": 1, "to_account_id": 0}, id="the other way"),
    ],
)
def test_a_key_with_another_payload_is_422(client, accounts, values, change):
    key = new_key(values)
    first = transfer(client, accounts[0], accounts[1], 5, key).raise_for_status().json()
    before = read(client, "/report")
    other = {name: value if name == "amount" else accounts[value]["id"] for name, value in change.items()}

    response = client.post(
        "/transfers",
        json=payload_of(accounts[0], accounts[1], 5) | other,
        headers={"Idempotency-Key": key},
    )

    assert response.status_code == 422
    assert read(client, "/report") == before
    assert transfer(client, accounts[0], accounts[1], 5, key).json() == first


def test_of_two_payloads_at_once_one_is_422(servers, values, race):
    client, key = servers[0].client, new_key(values)
    ada, bob, cleo, dora = (open_account(client, 100, owner) for owner in ("Ada", "Bob", "Cleo", "Dora"))
    pairs = [(ada, bob), (cleo, dora)]

    answers = race(
        2, lambda number: transfer(servers[number].client, *pairs[number], 5, key), table="transfers"
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 422: 1}
    assert Counter(balances(client).values()) == {95: 1, 105: 1, 100: 2}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({}, 409, id="409"),
        pytest.param({"amount": 200}, 409, id="409 for another amount"),
        pytest.param({"to_account_id": 0}, 404, id="404"),
        pytest.param({"amount": 0}, 422, id="422"),
    ],
)
def test_refused_transfers_use_up_no_key(client, values, change, status):
    key, number = new_key(values), values.getrandbits(60)
    ada, bob = open_account(client, 100, f"Ada {number}"), open_account(client, 0, f"Bob {number}")
    payload = payload_of(ada, bob, 100.01)
    refused = client.post("/transfers", json=payload | change, headers={"Idempotency-Key": key})
    open_account(client, 1, f"Ada {number}")

    response = client.post("/transfers", json=payload, headers={"Idempotency-Key": key})

    assert response.status_code == 201
    assert refused.status_code == status
    assert balances(client)[bob["id"]] == 100.01
    again = client.post("/transfers", json=payload, headers={"Idempotency-Key": key})
    assert again.json() == response.json()


def test_the_report_lists_balances_and_bookings(server):
    empty = exact(server.client.get("/report"))
    cleo, bob = open_account(server.client, 50, "Cleo"), open_account(server.client, 100, "Bob")
    transfer(server.client, bob, cleo, 12.5).raise_for_status()
    server.query("INSERT INTO accounts (owner, balance) VALUES ('Ada', 75.25)")
    ada = server.query("SELECT max(id) FROM accounts")[0][0]
    server.query("UPDATE accounts SET balance = 9000000000063 WHERE id = %s", cleo["id"])

    response = server.client.get("/report")

    assert response.status_code == 200
    assert exact(response) == {
        "accounts": [
            {"id": cleo["id"], "balance": 9_000_000_000_063, "booked": Decimal("62.5")},
            {"id": bob["id"], "balance": Decimal("87.5"), "booked": Decimal("87.5")},
            {"id": ada, "balance": Decimal("75.25"), "booked": 0},
        ],
        "total": Decimal("9000000000225.75"),
    }
    assert empty == {"accounts": [], "total": 0}
    server.query("INSERT INTO accounts (owner, balance) SELECT 'Dora', 1 FROM generate_series(1, 1000)")
    report = read(server.client, "/report")
    assert (len(report["accounts"]), report["total"]) == (1003, 9_000_000_001_225.75)


@pytest.mark.parametrize("number", [2, 3], ids=["second statement", "third statement"])
@pytest.mark.parametrize("change", [pytest.param(MOVE, id="a transfer"), pytest.param(OPEN, id="an account")])
def test_the_report_is_one_snapshot(launch, database, at_once, number, change):
    server = launch(DATABASE_URL=database.url)
    ada, bob = open_account(server.client, 100, "Ada"), open_account(server.client, 50, "Bob")
    before = read(server.client, "/report")

    with database.holding(number) as held:

        def change_meanwhile():
            held.wait(2.0)
            database.query(change.format(ada["id"], bob["id"]))
            held.release()

        report, _ = at_once(
            2, lambda call: [lambda: read(server.client, "/report"), change_meanwhile][call]()
        )

    after = read(server.client, "/report")
    assert report in [before, after]
    assert after != before


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(MOVE, id="another program's changes"),
        pytest.param("SELECT FROM accounts WHERE id IN ({0}, {1}) FOR UPDATE", id="its locks"),
    ],
)
def test_the_report_neither_awaits_nor_counts_open_transfers(server, eventually, values, statement):
    ada, bob = open_account(server.client, 100, "Ada"), open_account(server.client, 50, "Bob")
    before = read(server.client, "/report")

    with server.connect(5) as connection, server.transaction(statement.format(ada["id"], bob["id"])):
        send_transfer(connection, ada, bob, 30, new_key(values))
        eventually(lambda: server.query(WAITING), [(1,)], seconds=5)
        response = server.client.get("/report")

    assert response.status_code == 200
    assert response.json() == before
    assert before["total"] == 150
    assert transfer(server.client, ada, bob, 1).status_code == 201


@pytest.mark.parametrize(
    ("way", "lock"),
    [
        pytest.param(1, "SELECT FROM accounts WHERE id = 2 FOR UPDATE", id="at the receiver"),
        pytest.param(-1, "SELECT FROM accounts WHERE id = 2 FOR UPDATE", id="at the sender"),
        pytest.param(1, "LOCK TABLE transfers IN SHARE MODE", id="at the transfer"),
        pytest.param(1, "LOCK TABLE bookings IN SHARE MODE", id="at the bookings"),
    ],
)
def test_a_crash_leaves_no_half_transfer(server, eventually, values, way, lock):
    client, key = server.client, new_key(values)
    source, target = [open_account(client, 100, owner) for owner in ("Ada", "Bob")][::way]
    made = []
    for accounts in [(source, target), (target, source)] * 3:
        answer = client.post("/transfers", json=payload_of(*accounts, 1)).raise_for_status()
        made.append(answer.json()["id"])
    with server.transaction(lock), server.connect(5) as connection:
        send_transfer(connection, source, target, 30, key)
        eventually(lambda: server.query(WAITING), [(1,)], seconds=5)
        server.kill(warm=True)

    response = transfer(client, source, target, 30, key)

    assert response.status_code == 201
    assert balances(client) == {source["id"]: 70, target["id"]: 130}
    assert {source["id"], target["id"]} == {1, 2}
    kept = server.query("SELECT id FROM transfers ORDER BY id")
    assert kept == [(made_id,) for made_id in [*made, response.json()["id"]]]


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        pytest.param(
            "POST", "/transfers", {"from_account_id": 1, "to_account_id": 2, "amount": 5}, 201, id="transfer"
        ),
        pytest.param("GET", "/report", None, 200, id="report"),
        pytest.param("GET", "/accounts/1", None, 200, id="account"),
    ],
)
def test_lost_connections_are_replaced(launch, database, at_once, method, path, payload, status):
    server = launch(DATABASE_URL=database.url)
    ada, bob = open_account(server.client, 100, "Ada"), open_account(server.client, 50, "Bob")
    at_once(10, lambda _: read(server.client, "/accounts/1"))
    database.end_connections()

    response = server.client.request(method, path, json=payload)

    assert response.status_code == status
    assert (ada["id"], bob["id"]) == (1, 2)
    assert balances(server.client)[1] == {"/transfers": 95}.get(path, 100)


def test_a_transfer_that_lost_its_connection_can_be_sent_again(server, at_once, eventually, values):
    client, key, locked = server.client, new_key(values), threading.Event()
    ada, bob = open_account(client, 100, "Ada"), open_account(client, 50, "Bob")

    def send():
        locked.wait(5)
        return transfer(client, ada, bob, 30, key)

    def cut():
        with server.transaction(LOCK, bob["id"]):
            locked.set()
            eventually(lambda: server.query(WAITING), [(1,)], seconds=5)
            server.query(END_WAITING)

    lost, _ = at_once(2, lambda call: [send, cut][call]())

    assert lost.status_code == 201 or lost.status_code // 100 == 5
    assert transfer(client, ada, bob, 30, key).status_code == 201
    assert balances(client) == {ada["id"]: 70, bob["id"]: 80}
    assert server.query("SELECT count(*) FROM transfers") == [(1,)]


@pytest.mark.parametrize(
    ("method", "path", "change", "key", "status"),
    [
        pytest.param("POST", "/transfers", {"amount": 0}, "another", 422, id="an invalid transfer"),
        pytest.param("POST", "/transfers", {"amount": 7}, "{}", 422, id="a key of another transfer"),
        pytest.param("POST", "/transfers", {"amount": 1_000_000}, "{}-2", 409, id="not covered"),
        pytest.param("POST", "/transfers", {"to_account_id": 0}, "{}-3", 404, id="an unknown account"),
        pytest.param("GET", "/accounts/0", {}, "another", 404, id="an account"),
        pytest.param("GET", "/nowhere", {}, "another", 404, id="an unknown path"),
    ],
)
def test_errors_are_problem_details(client, accounts, values, method, path, change, key, status):
    used = new_key(values)
    transfer(client, accounts[0], accounts[1], 5, used).raise_for_status()
    payload = payload_of(accounts[0], accounts[1], 5) | change

    response = client.request(method, path, json=payload, headers={"Idempotency-Key": key.format(used)})

    assert response.status_code == status
    assert response.headers["Content-Type"].split(";")[0] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert [type(problem[name]) for name in ("type", "title", "detail")] == [str, str, str]


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        pytest.param("POST", "/accounts", {"owner": "Cleo", "balance": 0}, 201, id="an empty account"),
        pytest.param("POST", "/accounts", {"owner": "Cleo", "balance": -0.01}, 422, id="less than nothing"),
        pytest.param("POST", "/accounts", {"owner": "Cleo", "balance": 0.001}, 422, id="three decimals"),
        pytest.param("POST", "/accounts", {"owner": "Cleo", "balance": 1_000_000.01}, 422, id="too much"),
        pytest.param("POST", "/accounts", {"owner": "Cleo", "balance": "5"}, 422, id="a balance in quotes"),
        pytest.param("POST", "/accounts", {"owner": "x" * 80, "balance": 1_000_000}, 201, id="the limits"),
        pytest.param("POST", "/accounts", {"owner": "x" * 81, "balance": 5}, 422, id="a long owner"),
        pytest.param("POST", "/accounts", {"owner": " ", "balance": 5}, 422, id="a blank owner"),
        pytest.param("POST", "/accounts", {"owner": "\0", "balance": 5}, 422, id="NUL"),
        pytest.param("GET", "/accounts/2147483648", None, 404, id="an unknown account"),
        pytest.param("GET", "/accounts/9223372036854775808", None, 404, id="beyond 64 bits"),
        pytest.param("GET", "/accounts/x", None, 422, id="no integer"),
    ],
)
def test_accounts_work_as_before(client, accounts, method, path, payload, status):
    transfer(client, accounts[0], accounts[1], 5).raise_for_status()
    before = len(balances(client))

    response = client.request(method, path, json=payload)

    assert response.status_code == status
    assert len(balances(client)) == before + (status == 201)
    assert read(client, f"/accounts/{accounts[0]['id']}") == accounts[0] | {"balance": 95.0}
    assert read(client, f"/accounts/{accounts[1]['id']}") == accounts[1] | {"balance": 55.0}


@pytest.mark.parametrize(
    ("way", "moved", "amount", "status", "left"),
    [
        pytest.param(1, 60, 50, 409, [40, 110], id="what they took"),
        pytest.param(-1, 40, 130, 201, [10, 140], id="what they gave"),
    ],
)
def test_changes_of_other_programs_count(server, at_once, eventually, way, moved, amount, status, left):
    ada, bob = open_account(server.client, 100, "Ada"), open_account(server.client, 50, "Bob")
    source, target = [ada["id"], bob["id"]][::way]
    held = threading.Event()

    def hold():
        with server.transaction(HOLD):
            held.set()
            eventually(lambda: server.query(WAITING), [(2,)], seconds=5)

    def move():
        held.wait(5)
        server.query(MOVE_BEFORE_COMMIT.format(source, target, moved))

    def send():
        eventually(lambda: server.query(WAITING), [(1,)], seconds=5)
        return transfer(server.client, ada, bob, amount)

    _, _, response = at_once(3, lambda call: [hold, move, send][call]())

    assert response.status_code == status
    assert server.query(BALANCES) == [(ada["id"], left[0]), (bob["id"], left[1])]
