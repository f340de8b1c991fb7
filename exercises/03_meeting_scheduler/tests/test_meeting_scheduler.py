"""The acceptance tests of exercise 3: one for each criterion of the ticket."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

JSON = {"Content-Type": "application/json"}
MONDAY = date(2031, 1, 6)


def free_slots(client):
    """List the free slots; a test that fails here says which answer came."""
    return client.get("/availability").raise_for_status().json()


def book(client, slot, email):
    """Ask for a slot, whatever the answer may be."""
    return client.post("/book", json={"slot_id": slot["id"], "email": email})


def bookings(server):
    """Give what the table says of each slot: its id, whether it is booked, and by whom."""
    return server.query("SELECT id, is_booked, booked_by_email FROM time_slots ORDER BY id")


def normal(moment):
    """Write a time as Python does, so that `Z` and `+00:00` are the same, and any other offset is not."""
    return datetime.fromisoformat(moment).isoformat()


def times_of(slots):
    """Give the start and the end of each slot."""
    return [(normal(slot["start_time"]), normal(slot["end_time"])) for slot in slots]


def sixteen_times(day):
    """Give the sixteen starts and ends that the ticket asks for, on this day."""
    edges = [datetime.combine(day, time(9), UTC) + timedelta(minutes=30 * number) for number in range(17)]
    return [(start.isoformat(), end.isoformat()) for start, end in pairwise(edges)]


def empty_database(server):
    """Remove all that the app has made, without waiting long for one that never lets go of its table."""
    server.query(
        "DO $$ BEGIN PERFORM set_config('lock_timeout', '2s', true);"
        " DROP SCHEMA public CASCADE; CREATE SCHEMA public; END $$"
    )


@pytest.fixture
def free(client):
    """List the slots that are free; on a server that is running already, it may be time for new ones."""
    slots = free_slots(client)
    assert slots, "No slot is free any more: empty the table time_slots, and start the app again."
    return slots


@pytest.fixture
def some_monday(values):
    return MONDAY + timedelta(weeks=values.randrange(1000))


@pytest.mark.usefixtures("free")
def test_the_free_slots_are_listed_with_their_times_in_utc(client):
    response = client.get("/availability")

    assert response.status_code == 200
    slots = response.json()
    assert [sorted(slot) for slot in slots] == [["end_time", "id", "start_time"]] * len(slots)
    assert {type(slot["id"]) for slot in slots} == {int}
    assert {datetime.fromisoformat(slot["start_time"]).utcoffset() for slot in slots} == {timedelta(0)}
    assert {datetime.fromisoformat(slot["end_time"]).utcoffset() for slot in slots} == {timedelta(0)}


def test_the_free_slots_are_listed_by_their_start(launch):
    server = launch()
    slots = free_slots(server.client)
    moved = slots[9]["id"]

    server.query(
        "UPDATE time_slots SET start_time = start_time - INTERVAL '7 days',"
        " end_time = end_time - INTERVAL '7 days' WHERE id = %s",
        moved,
    )

    listed = [slot["id"] for slot in free_slots(server.client)]
    assert listed == [moved, *(slot["id"] for slot in slots if slot["id"] != moved)]


def test_a_booking_is_answered_with_200_a_confirmation_and_the_slot(client, free, values):
    slot, email = values.choice(free), values.email()

    response = book(client, slot, email)

    assert response.status_code == 200
    booking = response.json()
    assert booking == {"confirmation": booking["confirmation"], "email": email, "slot": slot}
    assert type(booking["confirmation"]) is str
    assert booking["confirmation"].strip() != ""


def test_a_booked_slot_leaves_the_list_and_the_others_stay(client, free, values):
    slot = values.choice(free)

    book(client, slot, values.email()).raise_for_status()

    assert free_slots(client) == [one for one in free if one != slot]


def test_a_booking_is_kept_in_its_row_of_the_table(launch, values):
    server = launch()
    slot = values.choice(free_slots(server.client))
    email = values.email()
    before = bookings(server)

    book(server.client, slot, email).raise_for_status()

    after = bookings(server)
    assert set(before) - set(after) == {(slot["id"], False, None)}
    assert set(after) - set(before) == {(slot["id"], True, email)}


@pytest.mark.parametrize("slot_id", [1_000_000, 2_147_483_647])
def test_a_slot_that_never_was_is_404(client, free, values, slot_id):
    response = client.post("/book", json={"slot_id": slot_id, "email": values.email()})

    assert response.status_code == 404
    assert free_slots(client) == free


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param('{"email": "ada@example.com"}', id="no slot_id"),
        pytest.param('{"slot_id": SLOT}', id="no email"),
        pytest.param('{"slot_id": null, "email": "ada@example.com"}', id="slot_id is null"),
        pytest.param('{"slot_id": "SLOT", "email": "ada@example.com"}', id="slot_id is a string"),
        pytest.param('{"slot_id": SLOT.0, "email": "ada@example.com"}', id="slot_id is a fraction"),
        pytest.param('{"slot_id": true, "email": "ada@example.com"}', id="slot_id is true"),
        pytest.param('{"slot_id": NaN, "email": "ada@example.com"}', id="slot_id is NaN"),
        pytest.param('{"slot_id": 0, "email": "ada@example.com"}', id="slot_id is 0"),
        pytest.param('{"slot_id": -SLOT, "email": "ada@example.com"}', id="slot_id is negative"),
        pytest.param('{"slot_id": 2147483648, "email": "ada@example.com"}', id="slot_id is too large"),
        pytest.param(
            '{"slot_id": 1SLOT000000000000000000, "email": "ada@example.com"}', id="slot_id is huge"
        ),
        pytest.param('{"slot_id": SLOT, "email": null}', id="email is null"),
        pytest.param('{"slot_id": SLOT, "email": 1}', id="email is a number"),
        pytest.param('[SLOT, "ada@example.com"]', id="an array"),
        pytest.param('{"slot_id": SLOT, "email": ', id="not JSON"),
    ],
)
def test_a_payload_that_is_not_valid_is_422_and_changes_nothing(client, free, payload):
    content = payload.replace("SLOT", str(free[0]["id"]))

    response = client.post("/book", content=content, headers=JSON)

    assert response.status_code == 422
    assert free_slots(client) == free


@pytest.mark.parametrize(
    "email",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="blank"),
        pytest.param("ada", id="no @"),
        pytest.param("ada@", id="no domain"),
        pytest.param("@example.com", id="nothing before the @"),
        pytest.param("ada@example", id="no dot in the domain"),
        pytest.param("ada@lovelace@example.com", id="two @"),
        pytest.param("ada lovelace@example.com", id="space within"),
        pytest.param(" ada@example.com ", id="spaces around"),
        pytest.param("Ada <ada@example.com>", id="a name before it"),
        pytest.param("ada@example..com", id="two dots in a row"),
        pytest.param("ada\x00@example.com", id="control character within"),
    ],
)
def test_an_email_that_is_no_address_is_422_and_changes_nothing(client, free, email):
    response = book(client, free[0], email)

    assert response.status_code == 422
    assert free_slots(client) == free


def test_a_slot_that_is_taken_is_409_and_stays_with_whom_it_is(launch, values):
    server = launch()
    slot = values.choice(free_slots(server.client))
    owner, other = values.email(), values.email()
    book(server.client, slot, owner).raise_for_status()
    before = bookings(server)

    answers = [book(server.client, slot, email) for email in (other, owner)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert (slot["id"], True, owner) in before
    assert bookings(server) == before


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        pytest.param(3, 1, id="Thursday"),
        pytest.param(4, 3, id="Friday"),
        pytest.param(5, 2, id="Saturday"),
        pytest.param(6, 1, id="Sunday"),
    ],
)
def test_an_empty_table_gets_sixteen_slots_on_the_next_business_day(launch, some_monday, weekday, days):
    today = some_monday + timedelta(days=weekday)

    server = launch(SCHEDULER_TODAY=str(today))

    slots = free_slots(server.client)
    assert times_of(slots) == sixteen_times(today + timedelta(days=days))
    assert len({slot["id"] for slot in slots}) == 16


def test_without_scheduler_today_it_is_the_present_day_in_utc(launch):
    named = launch(SCHEDULER_TODAY=str(datetime.now(UTC).date()))

    server = launch()

    slots = free_slots(server.client)
    assert len(slots) == 16
    assert times_of(slots) == times_of(free_slots(named.client))


def test_a_later_start_adds_no_slots_even_when_all_are_booked(launch, values, at_once, some_monday):
    first = launch(SCHEDULER_TODAY=str(some_monday))
    slots = free_slots(first.client)
    email = values.email()
    answers = at_once(16, lambda number: book(first.client, slots[number], email))
    assert [answer.status_code for answer in answers] == [200] * 16
    before = bookings(first)

    later = launch(
        SCHEDULER_TODAY=str(some_monday + timedelta(days=1)), DATABASE_URL=first.settings["DATABASE_URL"]
    )

    assert free_slots(later.client) == []
    assert bookings(later) == before


def test_two_processes_that_start_together_add_sixteen_slots(launch):
    first = launch()
    assert len(free_slots(first.client)) == 16
    empty_database(first)

    first.restart()
    second = launch(DATABASE_URL=first.settings["DATABASE_URL"])

    lists = [free_slots(server.client) for server in (first, second)]
    assert lists[0] == lists[1]
    assert len(lists[0]) == 16
    assert [slot_id for slot_id, _, _ in bookings(first)] == sorted(slot["id"] for slot in lists[0])


def test_the_table_has_the_five_columns_of_the_ticket(launch):
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


def test_of_fifty_requests_at_once_for_one_slot_exactly_one_gets_it(launch, values, at_once):
    server = launch()
    slot = values.choice(free_slots(server.client))
    emails = [values.email() for _ in range(50)]

    answers = at_once(50, lambda number: book(server.client, slot, emails[number]))

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 1, 409: 49}
    taken = [row for row in bookings(server) if row[1]]
    assert taken == [(slot["id"], True, emails[statuses.index(200)])]


def test_of_two_processes_on_one_database_only_one_gives_a_slot_away(launch, values, at_once):
    first = launch()
    slot = values.choice(free_slots(first.client))
    second = launch(DATABASE_URL=first.settings["DATABASE_URL"])
    assert slot in free_slots(second.client)
    clients = [first.client, second.client]
    emails = [values.email() for _ in range(50)]

    answers = at_once(50, lambda number: book(clients[number % 2], slot, emails[number]))

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 1, 409: 49}
    taken = [row for row in bookings(first) if row[1]]
    assert taken == [(slot["id"], True, emails[statuses.index(200)])]
    assert free_slots(first.client) == free_slots(second.client)


def test_two_hundred_requests_at_once_for_all_slots_give_each_slot_away_once(launch, values, at_once):
    server = launch()
    slots = free_slots(server.client)
    emails = [values.email() for _ in range(200)]

    answers = at_once(200, lambda number: book(server.client, slots[number % 16], emails[number]))

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 16, 409: 184}
    won = [number for number in range(200) if statuses[number] == 200]
    assert bookings(server) == sorted((slots[number % 16]["id"], True, emails[number]) for number in won)
    assert free_slots(server.client) == []


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_neither_a_restart_nor_a_kill_forgets_a_booking(launch, values, end):
    server = launch()
    slots = free_slots(server.client)
    slot, email = values.choice(slots), values.email()
    book(server.client, slot, email).raise_for_status()

    getattr(server, end)()

    assert free_slots(server.client) == [one for one in slots if one != slot]
    assert (slot["id"], True, email) in bookings(server)
