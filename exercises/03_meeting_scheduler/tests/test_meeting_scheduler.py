"""The acceptance tests of exercise 3: one for each criterion of the ticket."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

JSON = {"Content-Type": "application/json"}


def free_slots(client):
    """List the free slots; a test that fails here shows the response."""
    return client.get("/availability").raise_for_status().json()


def book(client, slot, email):
    """Ask for a slot, whatever the response may be."""
    return client.post("/book", json={"slot_id": slot["id"], "email": email})


def rows(server):
    """Return the rows of the table: times in seconds since 1970, whatever their column's type."""
    return server.query(
        "SELECT id, extract(epoch FROM start_time)::bigint, extract(epoch FROM end_time)::bigint,"
        " is_booked, booked_by_email FROM time_slots ORDER BY id"
    )


def row_of(slot, is_booked, email):
    """Return the row that a slot must have in `rows`."""
    moments = [datetime.fromisoformat(slot[name]) for name in ("start_time", "end_time")]
    return (slot["id"], *(int(moment.timestamp()) for moment in moments), is_booked, email)


def times_of(slots):
    """Return the start and the end of each slot as Python writes them: `Z` and `+00:00` become the same."""
    return [
        tuple(datetime.fromisoformat(slot[name]).isoformat() for name in ("start_time", "end_time"))
        for slot in slots
    ]


def sixteen_times(day):
    """Return the starts and ends of a day's slots, from 09:00 to 17:00 in UTC."""
    edges = [datetime.combine(day, time(9), UTC) + timedelta(minutes=30 * number) for number in range(17)]
    return [(start.isoformat(), end.isoformat()) for start, end in pairwise(edges)]


def with_small_domain(email):
    """Write an address with its domain in lower case, since an app may do so."""
    local, _, domain = email.partition("@")
    return f"{local}@{domain.lower()}"


def long_address(length):
    """Return an address with so many characters."""
    domain = f"{'a' * 63}.{'b' * 63}.{'c' * 57}.com"
    return f"{'x' * (length - len(domain) - 1)}@{domain}"


@pytest.fixture
def free(client):
    """List the slots that are free; on a server that is running already, it may be time for new ones."""
    slots = free_slots(client)
    assert slots, "No slot is free any more: empty the table time_slots, and start the app again."
    return slots


def test_the_next_business_days_slots_are_listed_in_utc(launch):
    server = launch(SCHEDULER_TODAY="2031-05-16")

    response = server.client.get("/availability")

    assert response.status_code == 200
    slots = response.json()
    assert [sorted(slot) for slot in slots] == [["end_time", "id", "start_time"]] * 16
    assert {type(slot["id"]) for slot in slots} == {int}
    assert times_of(slots) == sixteen_times(date(2031, 5, 19))


def test_free_slots_are_sorted_by_start_then_by_id(launch):
    server = launch()
    ids = [slot["id"] for slot in free_slots(server.client)]
    earliest, together = ids[9], [ids[0], ids[4], ids[6], ids[12]]

    server.query(
        "UPDATE time_slots SET start_time = start_time - INTERVAL '7 days',"
        " end_time = end_time - INTERVAL '7 days' WHERE id = %s",
        earliest,
    )
    server.query(
        "UPDATE time_slots SET (start_time, end_time) ="
        " (SELECT start_time, end_time FROM time_slots WHERE id = %s) WHERE id = ANY(%s)",
        ids[0],
        together,
    )
    server.query(
        "INSERT INTO time_slots (id, start_time, end_time, is_booked)"
        " SELECT number, start_time + INTERVAL '7 days', end_time + INTERVAL '7 days', FALSE"
        " FROM time_slots, generate_series(1000, 1199) AS number WHERE time_slots.id = %s",
        ids[0],
    )

    others = [slot_id for slot_id in ids if slot_id not in [earliest, *together]]
    assert [slot["id"] for slot in free_slots(server.client)] == [
        *[earliest, *sorted(together), *others],
        *range(1000, 1200),
    ]


def test_a_booking_is_confirmed_with_the_address_and_the_slot(client, free):
    slot, email = free[2 % len(free)], "ada@example.com"

    response = book(client, slot, email)

    assert response.status_code == 200
    booking = response.json()
    assert booking == {"confirmation": booking["confirmation"], "email": email, "slot": slot}
    assert type(booking["confirmation"]) is str
    assert booking["confirmation"].strip() != ""


def test_a_booked_slot_leaves_the_list_the_others_stay(client, free, values):
    slot = values.choice(free)

    book(client, slot, values.email()).raise_for_status()

    assert free_slots(client) == [other for other in free if other != slot]


def test_a_booking_changes_its_own_row_only(launch, values):
    server = launch()
    slots = free_slots(server.client)
    first, second, *others = values.sample(slots, 16)
    email = f"Ada+Demo.{values.email()}"

    book(server.client, first, email).raise_for_status()

    untouched = [row_of(other, False, None) for other in others]
    assert rows(server) == sorted([*untouched, row_of(first, True, email), row_of(second, False, None)])
    assert book(server.client, second, email).status_code == 200
    assert rows(server) == sorted([*untouched, row_of(first, True, email), row_of(second, True, email)])


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("ada+demo@example.com", id="plus"),
        pytest.param("Ada.Lovelace@example.com", id="capitals before the @"),
        pytest.param("ada@Example.COM", id="capitals in the domain"),
        pytest.param("o'neil_2-a%b@example.com", id="apostrophe, underscore, hyphen, percent"),
        pytest.param("1815@example.com", id="digits only"),
        pytest.param("_ada--%+'@example.com", id="signs at both ends and side by side"),
        pytest.param("a@b.co", id="short"),
        pytest.param("ada@mail-1.sub.example.museum", id="subdomains, hyphen"),
        pytest.param("ada@163.1-a.photography", id="digits first in the domain, a long end"),
        pytest.param("Ada.Lovelace.of.the.Analytical.Engine.and.Notes@example.com", id="long before the @"),
        pytest.param(long_address(254), id="254 characters"),
    ],
)
def test_a_valid_address_is_kept_as_sent(client, free, email):
    response = book(client, free[0], email)

    assert response.status_code == 200
    assert with_small_domain(response.json()["email"]) == with_small_domain(email)


def test_an_unknown_slot_id_is_404(client, free, values, unknown_id):
    response = client.post("/book", json={"slot_id": unknown_id, "email": values.email()})

    assert response.status_code == 404
    assert free_slots(client) == free
    far_beyond = client.post("/book", json={"slot_id": 10**4_299 + unknown_id, "email": values.email()})
    assert far_beyond.status_code == 404


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param('{"email": "ada@example.com"}', id="no slot_id"),
        pytest.param('{"slot_id": SLOT}', id="no email"),
        pytest.param('{"slot_id": null, "email": "ada@example.com"}', id="slot_id is null"),
        pytest.param('{"slot_id": "SLOT", "email": "ada@example.com"}', id="slot_id is a string"),
        pytest.param('{"slot_id": SLOT.0, "email": "ada@example.com"}', id="slot_id is 1.0"),
        pytest.param('{"slot_id": SLOT.5, "email": "ada@example.com"}', id="slot_id is a fraction"),
        pytest.param('{"slot_id": true, "email": "ada@example.com"}', id="slot_id is true"),
        pytest.param('{"slot_id": [SLOT], "email": "ada@example.com"}', id="slot_id is an array"),
        pytest.param('{"slot_id": NaN, "email": "ada@example.com"}', id="slot_id is NaN"),
        pytest.param('{"slot_id": SLOT, "email": null}', id="email is null"),
        pytest.param('{"slot_id": SLOT, "email": 1}', id="email is a number"),
        pytest.param('{"slot_id": SLOT, "email": ["ada@example.com"]}', id="email is an array"),
        pytest.param('{"slot_id": SLOT, "email": "\\ud800@example.com"}', id="email with a lone surrogate"),
        pytest.param('[SLOT, "ada@example.com"]', id="an array"),
        pytest.param("null", id="null"),
        pytest.param('{"slot_id": SLOT, "email": ', id="not JSON"),
        pytest.param("", id="no body"),
    ],
)
def test_an_invalid_payload_is_422(client, free, payload):
    content = payload.replace("SLOT", str(free[0]["id"]))

    response = client.post("/book", content=content, headers=JSON)

    assert response.status_code == 422
    assert free_slots(client) == free


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("ada", id="no @"),
        pytest.param("ada@", id="no domain"),
        pytest.param("@example.com", id="nothing before the @"),
        pytest.param("ada@example", id="no dot in the domain"),
        pytest.param("ada@lovelace@example.com", id="two @"),
        pytest.param("ada lovelace@example.com", id="space before the @"),
        pytest.param("ada@exam ple.com", id="space in the domain"),
        pytest.param("ada\u00a0lovelace@example.com", id="no-break space"),
        pytest.param("ada@example.com\nBcc: eve@example.com", id="line break"),
        pytest.param("ada@example..com", id="two dots in a row"),
        pytest.param("ada..lovelace@example.com", id="two dots before the @"),
        pytest.param("ada@.example.com", id="domain begins with a dot"),
        pytest.param("ada@example.com.", id="domain ends with a dot"),
        pytest.param("ada\x00@example.com", id="control character"),
        pytest.param("ada\x7f@example.com", id="DEL"),
        pytest.param("ada@exam\x9fple.com", id="control character beyond ASCII"),
        pytest.param('"ada lovelace"@example.com', id="space in quotes"),
        pytest.param(long_address(255), id="255 characters"),
        pytest.param(long_address(10_000), id="10,000 characters"),
    ],
)
def test_an_email_that_is_no_address_is_422(client, free, email):
    response = book(client, free[0], email)

    assert response.status_code == 422
    assert free_slots(client) == free


def test_a_blank_email_is_422(client, free, blank_text):
    response = book(client, free[0], blank_text)

    assert response.status_code == 422
    assert free_slots(client) == free


@pytest.mark.parametrize(
    "email", ["ada@example.com", "grace@example.com"], ids=["who has it", "somebody else"]
)
def test_a_taken_slot_is_409_and_stays_with_its_owner(launch, values, email):
    server = launch()
    slot = values.choice(free_slots(server.client))
    book(server.client, slot, "ada@example.com").raise_for_status()
    before = rows(server)

    response = book(server.client, slot, email)

    assert response.status_code == 409
    assert row_of(slot, True, "ada@example.com") in before
    assert rows(server) == before


def test_a_slot_in_the_past_can_be_booked(launch, values):
    server = launch(SCHEDULER_TODAY="2001-05-16")
    slots = free_slots(server.client)
    assert times_of(slots) == sixteen_times(date(2001, 5, 17))
    slot = values.choice(slots)

    response = book(server.client, slot, values.email())

    assert response.status_code == 200
    assert response.json()["slot"] == slot


@pytest.mark.parametrize("slot_id", [-1, 0, 2**31 - 1])
def test_a_slot_added_by_another_program_can_be_booked(launch, values, slot_id):
    server = launch()
    slots = free_slots(server.client)
    assert book(server.client, {"id": slot_id}, values.email()).status_code == 404

    server.query(
        "INSERT INTO time_slots (id, start_time, end_time) SELECT %s, start_time + INTERVAL '400 days',"
        " end_time + INTERVAL '400 days 15 minutes 30 seconds' FROM time_slots WHERE id = %s",
        slot_id,
        slots[5]["id"],
    )

    listed = free_slots(server.client)
    assert listed[:-1] == slots
    assert listed[-1]["id"] == slot_id
    assert row_of(listed[-1], False, None) in rows(server)
    response = book(server.client, listed[-1], values.email())
    assert response.status_code == 200
    assert response.json()["slot"] == listed[-1]
    assert free_slots(server.client) == slots


def test_a_slot_freed_by_another_program_can_be_booked_again(launch, values):
    server = launch()
    slots = free_slots(server.client)
    slot, email = values.choice(slots), values.email()
    book(server.client, slot, values.email()).raise_for_status()
    assert book(server.client, slot, email).status_code == 409

    server.query("UPDATE time_slots SET is_booked = false, booked_by_email = NULL WHERE id = %s", slot["id"])

    assert free_slots(server.client) == slots
    response = book(server.client, slot, email)
    assert response.status_code == 200
    assert row_of(slot, True, email) in rows(server)


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        pytest.param("UPDATE time_slots SET is_booked = true WHERE id = %s", 409, id="books it: 409"),
        pytest.param("DELETE FROM time_slots WHERE id = %s", 404, id="deletes it: 404"),
    ],
)
def test_a_slot_booked_by_another_program_is_409_a_deleted_one_404(launch, values, statement, status):
    server = launch()
    slots = free_slots(server.client)
    slot = values.choice(slots)

    server.query(statement, slot["id"])

    assert free_slots(server.client) == [other for other in slots if other != slot]
    before = rows(server)
    assert book(server.client, slot, values.email()).status_code == status
    assert rows(server) == before


def test_a_slot_that_another_program_is_changing_delays_no_other(launch, values):
    server = launch()
    slots = free_slots(server.client)
    changed, slot = values.sample(slots, 2)

    with server.transaction("UPDATE time_slots SET end_time = end_time WHERE id = %s", changed["id"]):
        response = book(server.client, slot, values.email())
        listed = free_slots(server.client)

    assert response.status_code == 200
    assert listed == [other for other in slots if other != slot]


@pytest.mark.parametrize(
    ("today", "day"),
    [
        pytest.param("2031-05-12", date(2031, 5, 13), id="Monday"),
        pytest.param("2030-12-24", date(2030, 12, 25), id="Tuesday, Christmas Eve"),
        pytest.param("2031-12-31", date(2032, 1, 1), id="Wednesday, New Year's Eve"),
        pytest.param("2031-05-15", date(2031, 5, 16), id="Thursday"),
        pytest.param("2031-05-16", date(2031, 5, 19), id="Friday"),
        pytest.param("2031-05-17", date(2031, 5, 19), id="Saturday"),
        pytest.param("2031-05-18", date(2031, 5, 19), id="Sunday"),
        pytest.param("2032-02-27", date(2032, 3, 1), id="Friday at the end of February"),
        pytest.param("2032-12-31", date(2033, 1, 3), id="Friday at the end of a year"),
    ],
)
def test_an_empty_table_gets_sixteen_slots(launch, today, day):
    server = launch(SCHEDULER_TODAY=today)

    slots = free_slots(server.client)

    assert times_of(slots) == sixteen_times(day)
    assert rows(server) == sorted(row_of(slot, False, None) for slot in slots)
    assert len({slot["id"] for slot in slots}) == 16


def test_without_scheduler_today_today_is_utcs_present_day(launch):
    # From Friday to Sunday the next business day is the same Monday: then a local date in UTC's place can pass.
    named = launch(SCHEDULER_TODAY=str(datetime.now(UTC).date()))

    server = launch()

    slots = free_slots(server.client)
    assert len(slots) == 16
    assert times_of(slots) == times_of(free_slots(named.client))


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE time_slots SET is_booked = true", id="all are booked"),
        pytest.param("DELETE FROM time_slots WHERE id NOT IN (%s, %s, %s)", id="three are left"),
        pytest.param("DELETE FROM time_slots WHERE id NOT IN (%s)", id="one is left"),
        pytest.param("UPDATE time_slots SET id = id + 1000", id="other ids"),
    ],
)
def test_a_later_start_adds_no_slots(launch, statement):
    first = launch(SCHEDULER_TODAY="2031-05-13")
    slots = free_slots(first.client)
    first.query(statement, *(slot["id"] for slot in slots[: statement.count("%s")]))
    before, listed = rows(first), free_slots(first.client)

    later = launch(SCHEDULER_TODAY="2031-06-16", DATABASE_URL=first.settings["DATABASE_URL"])

    assert free_slots(later.client) == listed
    assert rows(later) == before


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DROP TABLE time_slots", id="no table"),
        pytest.param("DELETE FROM time_slots", id="an empty table"),
    ],
)
def test_two_processes_starting_together_add_sixteen_slots(launch, race, statement):
    first = launch()
    assert len(free_slots(first.client)) == 16
    servers = [first, launch(DATABASE_URL=first.settings["DATABASE_URL"])]
    assert len(free_slots(servers[1].client)) == 16
    first.query(statement)

    def start(number):
        servers[number].restart(warm=True)
        return free_slots(servers[number].client)

    lists = race(2, start, table="time_slots")

    assert lists[0] == lists[1]
    assert len(lists[0]) == 16
    assert rows(first) == sorted(row_of(slot, False, None) for slot in lists[0])


def test_the_table_has_the_tickets_five_columns(launch):
    server = launch()
    free_slots(server.client)

    columns = server.query(
        "SELECT column_name, split_part(data_type, ' with', 1) FROM information_schema.columns"
        " WHERE table_name = 'time_slots' ORDER BY column_name"
    )

    assert columns == [
        ("booked_by_email", "character varying"),
        ("end_time", "timestamp"),
        ("id", "integer"),
        ("is_booked", "boolean"),
        ("start_time", "timestamp"),
    ]
    assert server.query(
        "SELECT is_nullable, column_default FROM information_schema.columns"
        " WHERE table_name = 'time_slots' AND column_name = 'is_booked'"
    ) == [("NO", "false")]
    assert server.query(
        "SELECT is_nullable FROM information_schema.columns"
        " WHERE table_name = 'time_slots' AND column_name = 'booked_by_email'"
    ) == [("YES",)]
    assert server.query(
        "SELECT column_name FROM information_schema.table_constraints"
        " JOIN information_schema.key_column_usage USING (table_name, constraint_name)"
        " WHERE table_name = 'time_slots' AND constraint_type = 'PRIMARY KEY'"
    ) == [("id",)]


def test_of_fifty_simultaneous_requests_for_one_slot_one_gets_it(launch, values, race):
    server = launch()
    slot = values.choice(free_slots(server.client))
    emails = [values.email() for _ in range(50)]

    answers = race(50, lambda number: book(server.client, slot, emails[number]), table="time_slots")

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 1, 409: 49}
    assert [row for row in rows(server) if row[3]] == [row_of(slot, True, emails[statuses.index(200)])]


def test_two_processes_on_one_database_give_a_slot_away_once(launch, values, race):
    first = launch()
    slot = values.choice(free_slots(first.client))
    second = launch(DATABASE_URL=first.settings["DATABASE_URL"])
    assert slot in free_slots(second.client)
    clients = [first.client, second.client]
    emails = [values.email() for _ in range(50)]

    answers = race(50, lambda number: book(clients[number % 2], slot, emails[number]), table="time_slots")

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 1, 409: 49}
    assert [row for row in rows(first) if row[3]] == [row_of(slot, True, emails[statuses.index(200)])]
    assert free_slots(first.client) == free_slots(second.client)


def test_two_hundred_simultaneous_requests_are_answered_each_slot_once(launch, values, race):
    server = launch()
    slots = free_slots(server.client)
    wanted = [slots[number * 16 // 200] for number in range(200)]  # those who come first want the same ones
    emails = [values.email() for _ in range(200)]
    server.query(
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' CONNECTION LIMIT 60'; END $$"
    )

    answers = race(
        200, lambda number: book(server.client, wanted[number], emails[number]), table="time_slots"
    )

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 16, 409: 184}
    won = [number for number in range(200) if statuses[number] == 200]
    assert rows(server) == sorted(row_of(wanted[number], True, emails[number]) for number in won)
    assert race(200, lambda _: free_slots(server.client)) == [[]] * 200


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_neither_a_restart_nor_a_kill_forgets_a_booking(launch, values, end):
    server = launch()
    slots = free_slots(server.client)
    slot, email = values.choice(slots), values.email()
    book(server.client, slot, email).raise_for_status()

    getattr(server, end)(warm=True)

    assert free_slots(server.client) == [other for other in slots if other != slot]
    assert row_of(slot, True, email) in rows(server)
