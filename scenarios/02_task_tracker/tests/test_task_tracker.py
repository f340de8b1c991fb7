"""The acceptance tests of scenario 2: one for each criterion of the ticket."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

JSON = {"Content-Type": "application/json"}


def log_task(client, **fields):
    """Log a task and give it back; a test that fails here says which answer came."""
    return client.post("/tasks", json=fields).raise_for_status().json()


def change_task(client, task, **fields):
    """Change a task and give it back."""
    return client.patch(f"/tasks/{task['id']}", json=fields).raise_for_status().json()


def read_task(client, task):
    """Read a task as it is now."""
    return client.get(f"/tasks/{task['id']}").raise_for_status().json()


def listed(client, tasks, **filters):
    """List with these filters, and give those of our tasks that came, in the order in which they came."""
    return [one for one in client.get("/tasks", params=filters).raise_for_status().json() if one in tasks]


def moment(text):
    """Read a time, which must be in UTC and say so."""
    time = datetime.fromisoformat(text)
    assert time.utcoffset() == timedelta(0)
    return time


def day_of(text):
    return moment(text).date()


def days_from(start, **numbers):
    """Give to each name the day that is so many days after `start`, as it is sent."""
    return {name: str(start + timedelta(days=number)) for name, number in numbers.items()}


@pytest.fixture
def task(client, values):
    return log_task(
        client, title=values.text(), description=values.text(), status="in_progress", due_date="2031-05-17"
    )


@pytest.fixture
def some_day(values):
    return date(2031, 1, 1) + timedelta(days=values.randrange(1000))


@pytest.fixture
def yesterday():
    return str(datetime.now(UTC).date() - timedelta(days=1))


@pytest.fixture
def today():
    """Today, or tomorrow where midnight may pass during the test."""
    return str((datetime.now(UTC) + timedelta(seconds=5)).date())


def test_a_new_task_is_answered_with_201_and_the_task(client, values, some_day):
    sent = {
        "title": f"  {values.text()} ☕",
        "description": f"{values.text()}\n",
        "status": "in_progress",
        "due_date": str(some_day),
    }

    response = client.post("/tasks", json=sent)

    assert response.status_code == 201
    task = response.json()
    made = {name: task[name] for name in ("id", "created_at", "updated_at")}
    assert task == {**made, **sent, "completed_at": None}
    assert type(task["id"]) is int


def test_a_title_is_all_that_a_new_task_needs(client, values):
    sent = {"title": values.text()}

    task = log_task(client, **sent)

    made = {name: task[name] for name in ("id", "created_at", "updated_at")}
    optional = {"description": None, "status": "pending", "due_date": None, "completed_at": None}
    assert task == {**made, **sent, **optional}


@pytest.mark.parametrize(
    ("status", "moment_of_completion"),
    [("pending", None), ("in_progress", None), ("completed", "created_at")],
    ids=["pending", "in_progress", "completed"],
)
def test_a_task_can_be_logged_in_any_status(client, values, status, moment_of_completion):
    task = log_task(client, title=values.text(), status=status)

    assert task["status"] == status
    assert task["completed_at"] == task.get(moment_of_completion)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"description": "For March"}', id="no title"),
        pytest.param(b'{"title": ""}', id="empty title"),
        pytest.param(b'{"title": " \\t\\n"}', id="blank title"),
        pytest.param(b'{"title": null}', id="title is null"),
        pytest.param(b'{"title": NaN}', id="title is NaN"),
        pytest.param(b'{"title": "\\ud800"}', id="half of a surrogate pair"),
        pytest.param(b'{"title": "Invoice", "description": " "}', id="blank description"),
        pytest.param(b'{"title": "Invoice", "status": null}', id="status is null"),
        pytest.param(b'{"title": "Invoice", "due_date": "2031-02-29"}', id="due_date is no day"),
        pytest.param(b'{"title": "Invoice", ', id="not JSON"),
    ],
)
def test_a_new_task_that_is_not_valid_is_422_and_changes_nothing(client, task, payload):
    before = client.get("/tasks").raise_for_status().json()

    response = client.post("/tasks", content=payload, headers=JSON)

    assert response.status_code == 422
    assert client.get("/tasks").json() == before
    assert task in before


def test_a_new_task_carries_the_moment_of_its_creation_in_utc(client, values):
    earliest = datetime.now(UTC)

    task = log_task(client, title=values.text())

    assert earliest <= moment(task["created_at"]) <= datetime.now(UTC)
    assert task["updated_at"] == task["created_at"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/tasks"), ("PATCH", "/tasks/{id}")])
def test_what_only_the_server_decides_is_ignored_when_it_is_sent(client, task, values, method, path):
    long_ago = "2001-02-03T04:05:06Z"
    times = {"created_at": long_ago, "updated_at": long_ago, "completed_at": long_ago}
    sent = {"title": values.text(), "id": task["id"] + 1000, **times}

    answer = client.request(method, path.format_map(task), json=sent).raise_for_status().json()

    assert answer["title"] == sent["title"]
    assert answer["id"] != sent["id"]
    assert moment(answer["created_at"]) > moment(long_ago)
    assert moment(answer["updated_at"]) > moment(long_ago)
    assert answer["completed_at"] is None
    assert read_task(client, answer) == answer


def test_a_task_can_be_read_by_its_id(client, task, values):
    other = log_task(client, title=values.text())

    response = client.get(f"/tasks/{task['id']}")

    assert response.status_code == 200
    assert response.json() == task
    assert read_task(client, other) == other


@pytest.mark.parametrize(
    ("method", "payload"), [("GET", None), ("PATCH", {"title": "Invoice"}), ("DELETE", None)]
)
def test_a_task_that_never_was_is_not_found(client, task, method, payload):
    response = client.request(method, f"/tasks/{task['id'] + 1000}", json=payload)

    assert response.status_code == 404
    assert read_task(client, task) == task


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        pytest.param("GET", "/tasks/987654321", None, 404, id="unknown task"),
        pytest.param("POST", "/tasks", {"title": ""}, 422, id="payload not valid"),
        pytest.param("GET", "/tasks?status=done", None, 422, id="filter not valid"),
        pytest.param("GET", "/nothing/here", None, 404, id="unknown path"),
        pytest.param("PUT", "/tasks", {"title": "Invoice"}, 405, id="unknown method"),
    ],
)
def test_every_error_is_told_as_problem_details(client, method, path, payload, status):
    response = client.request(method, path, json=payload)

    assert response.status_code == status
    assert response.headers["Content-Type"].split(";")[0] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert [type(problem[name]) for name in ("type", "title", "detail")] == [str, str, str]


def test_all_tasks_are_listed_the_oldest_first(client, values):
    tasks = [log_task(client, title=values.text()) for _ in range(3)]
    changed = change_task(client, tasks[0], title=values.text())

    response = client.get("/tasks")

    assert response.status_code == 200
    assert response.json()[-3:] == [changed, *tasks[1:]]


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [("pending", [0, 3]), ("completed", [2]), (["completed", "pending"], [0, 2, 3])],
    ids=["pending", "completed", "both"],
)
def test_the_list_can_be_narrowed_to_one_status_or_several(client, values, wanted, positions):
    statuses = ("pending", "in_progress", "completed", "pending")
    tasks = [log_task(client, title=values.text(), status=status) for status in statuses]

    answer = listed(client, tasks, status=wanted)

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("filters", "positions"),
    [
        pytest.param({"due_from": 1}, [1, 2], id="from"),
        pytest.param({"due_to": 1}, [0, 1], id="to"),
        pytest.param({"due_from": 0, "due_to": 1}, [0, 1], id="both"),
        pytest.param({"due_from": 1, "due_to": 1}, [1], id="one day"),
    ],
)
def test_the_list_can_be_narrowed_to_a_range_of_due_dates_both_ends_included(
    client, values, some_day, filters, positions
):
    dates = [*days_from(some_day, first=0, second=1, third=2).values(), None]
    tasks = [log_task(client, title=values.text(), due_date=day) for day in dates]

    answer = listed(client, tasks, **days_from(some_day, **filters))

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        pytest.param({"created_from": 0}, 1, id="from that day"),
        pytest.param({"created_from": 1}, 0, id="from the day after"),
        pytest.param({"created_to": 0}, 1, id="to that day"),
        pytest.param({"created_to": -1}, 0, id="to the day before"),
    ],
)
def test_the_list_can_be_narrowed_to_a_range_of_days_of_creation_both_ends_included(
    client, task, filters, count
):
    day = day_of(task["created_at"])

    answer = listed(client, [task], **days_from(day, **filters))

    assert answer == [task] * count


@pytest.mark.parametrize(("overdue", "positions"), [("true", [0, 1]), ("false", [2, 3, 4, 5])])
def test_the_list_can_be_narrowed_to_what_is_overdue_or_to_what_is_not(
    client, values, yesterday, today, overdue, positions
):
    fields = [
        {"status": "pending", "due_date": yesterday},
        {"status": "in_progress", "due_date": "2001-02-03"},
        {"status": "completed", "due_date": yesterday},
        {"status": "pending", "due_date": today},
        {"status": "pending"},
        {"status": "completed"},
    ]
    tasks = [log_task(client, title=values.text(), **some) for some in fields]

    answer = listed(client, tasks, overdue=overdue)

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("created_from", "positions"), [(0, [0, 1]), (2, [])], ids=["created that day", "created later"]
)
def test_filters_that_are_given_together_must_all_hold(client, values, created_from, positions):
    fields = [
        {"status": "pending", "due_date": "2001-02-01"},
        {"status": "pending", "due_date": "2001-02-28"},
        {"status": "pending", "due_date": "2001-01-31"},
        {"status": "pending", "due_date": "2001-03-01"},
        {"status": "in_progress", "due_date": "2001-02-14"},
        {"status": "completed", "due_date": "2001-02-14"},
        {"status": "pending"},
    ]
    tasks = [log_task(client, title=values.text(), **some) for some in fields]
    day = day_of(tasks[0]["created_at"])
    created = days_from(day, created_from=created_from, created_to=created_from + 1)
    due = {"due_from": "2001-02-01", "due_to": "2001-02-28"}

    answer = listed(client, tasks, status=["pending", "completed"], overdue="true", **due, **created)

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("target", "valid", "not_valid"),
    [
        pytest.param("/tasks?status=", "pending", "done", id="unknown status"),
        pytest.param("/tasks?due_from=", "2031-02-28", "soon", id="no date"),
        pytest.param("/tasks?overdue=", "true", "perhaps", id="neither true nor false"),
        pytest.param(
            "/tasks?due_from=2031-02-02&due_to=", "2031-02-02", "2031-02-01", id="due dates inverted"
        ),
        pytest.param(
            "/tasks?created_from=2031-02-02&created_to=", "2031-02-02", "2031-02-01", id="days inverted"
        ),
        pytest.param("/tasks/summary?from=2031-02-02", "&to=2031-02-02", "", id="summary without to"),
        pytest.param("/tasks/summary?to=2031-02-02", "&from=2031-02-02", "", id="summary without from"),
        pytest.param("/tasks/summary?from=2031-02-02&to=", "2031-02-02", "2031-02-01", id="summary inverted"),
        pytest.param(
            "/tasks/summary?from=2031-01-01&to=", "2032-01-01", "2032-01-02", id="summary of 367 days"
        ),
        pytest.param(
            "/tasks/summary?from=9999-12-31&to=", "9999-12-31", "0001-01-01", id="summary of the last day"
        ),
    ],
)
def test_a_filter_or_a_range_that_is_not_valid_is_422(client, target, valid, not_valid):
    assert client.get(target + valid).status_code == 200

    response = client.get(target + not_valid)

    assert response.status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"title": "Second invoice"}, id="title"),
        pytest.param({"description": "For April"}, id="description"),
        pytest.param({"status": "pending"}, id="status"),
        pytest.param({"due_date": "2032-02-29"}, id="due_date"),
        pytest.param({}, id="no field"),
    ],
)
def test_a_change_touches_the_fields_that_it_names_moves_updated_at_and_leaves_the_rest(client, task, change):
    earliest = datetime.now(UTC)

    response = client.patch(f"/tasks/{task['id']}", json=change)

    assert response.status_code == 200
    changed = response.json()
    assert changed == {**task, **change, "updated_at": changed["updated_at"]}
    assert earliest <= moment(changed["updated_at"]) <= datetime.now(UTC)
    assert read_task(client, task) == changed


@pytest.mark.parametrize("field", ["description", "due_date"])
def test_null_clears_the_description_and_the_due_date(client, task, field):
    changed = change_task(client, task, **{field: None})

    assert changed == {**task, field: None, "updated_at": changed["updated_at"]}
    assert read_task(client, task) == changed


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"title": null}', id="title is null"),
        pytest.param(b'{"status": null}', id="status is null"),
        pytest.param(b'{"title": " "}', id="blank title"),
        pytest.param(b'{"title": "\\ud800"}', id="half of a surrogate pair"),
        pytest.param(b'{"description": NaN}', id="description is NaN"),
        pytest.param(b'{"status": "done"}', id="unknown status"),
        pytest.param(b'{"due_date": "2031-02-29"}', id="due_date is no day"),
        pytest.param(b'{"title": "Second invoice", "status": 1}', id="one field of two"),
        pytest.param(b'{"title": ', id="not JSON"),
    ],
)
def test_a_change_that_is_not_valid_is_422_and_changes_nothing(client, task, payload):
    response = client.patch(f"/tasks/{task['id']}", content=payload, headers=JSON)

    assert response.status_code == 422
    assert read_task(client, task) == task


def test_a_task_that_becomes_completed_gets_the_moment_of_its_completion(client, task):
    earliest = datetime.now(UTC)

    completed = change_task(client, task, status="completed")

    assert completed["status"] == "completed"
    assert earliest <= moment(completed["completed_at"]) <= datetime.now(UTC)
    assert read_task(client, task) == completed


@pytest.mark.parametrize(
    "change",
    [{"title": "Second invoice"}, {"status": "completed"}],
    ids=["another title", "completed once more"],
)
def test_a_completed_task_keeps_its_completed_at_while_it_stays_completed(client, task, change):
    completed = change_task(client, task, status="completed")

    changed = change_task(client, task, **change)

    assert completed["completed_at"] is not None
    assert changed == {**completed, **change, "updated_at": changed["updated_at"]}
    assert read_task(client, task) == changed


@pytest.mark.parametrize("status", ["pending", "in_progress"])
def test_a_task_that_is_no_longer_completed_has_no_completed_at(client, task, status):
    completed = change_task(client, task, status="completed")

    reopened = change_task(client, task, status=status)

    assert completed["completed_at"] is not None
    assert reopened["status"] == status
    assert reopened["completed_at"] is None
    assert read_task(client, task) == reopened


def test_changes_of_different_fields_at_the_same_time_are_all_kept(client, task, values, at_once, some_day):
    fields = {
        "title": values.text(),
        "status": "pending",
        "due_date": str(some_day),
    }
    changes = [{name: value} for name, value in fields.items()]

    at_once(3, lambda number: change_task(client, task, **changes[number]))

    changed = read_task(client, task)
    assert {name: changed[name] for name in fields} == fields


def test_deleting_a_task_is_answered_with_204_and_no_body(client, task):
    response = client.delete(f"/tasks/{task['id']}")

    assert response.status_code == 204
    assert response.content == b""


@pytest.mark.parametrize(
    ("method", "payload"), [("GET", None), ("PATCH", {"title": "Invoice"}), ("DELETE", None)]
)
def test_a_deleted_task_is_not_found(client, task, method, payload):
    assert read_task(client, task) == task
    client.delete(f"/tasks/{task['id']}").raise_for_status()

    response = client.request(method, f"/tasks/{task['id']}", json=payload)

    assert response.status_code == 404


def test_a_deleted_task_leaves_the_list_and_the_others_stay(client, task, values):
    other = log_task(client, title=values.text())
    before = client.get("/tasks").raise_for_status().json()

    client.delete(f"/tasks/{task['id']}").raise_for_status()

    assert task in before
    assert other in before
    assert client.get("/tasks").json() == [one for one in before if one != task]


def test_the_id_of_a_deleted_task_is_not_used_again(client, task, values):
    client.delete(f"/tasks/{task['id']}").raise_for_status()

    new = log_task(client, title=values.text())

    assert new["id"] != task["id"]
    assert read_task(client, new) == new


def test_the_summary_counts_the_tasks_in_each_status_and_the_overdue(fresh_client, values, yesterday, today):
    tasks = [
        {"status": "pending", "due_date": yesterday},
        {"status": "pending", "due_date": "2001-02-03"},
        {"status": "pending", "due_date": today},
        {"status": "pending"},
        {"status": "completed", "due_date": yesterday},
    ]
    for task in tasks:
        log_task(fresh_client, title=values.text(), **task)

    response = fresh_client.get("/tasks/summary", params={"from": "2001-02-03", "to": "2001-02-03"})

    assert response.status_code == 200
    assert response.json() == {
        "by_status": {"pending": 4, "in_progress": 0, "completed": 1},
        "overdue": 2,
        "completions": [{"day": "2001-02-03", "completed": 0}],
    }


@pytest.mark.parametrize(("first", "last"), [(-2, 1), (0, 0), (-300, 65)], ids=lambda number: f"{number:+}")
def test_the_summary_counts_the_completions_on_each_day_of_its_range(fresh_client, values, first, last):
    tasks = [
        log_task(fresh_client, title=values.text(), status=status) for status in ["pending", "completed"] * 3
    ]
    completed = [change_task(fresh_client, tasks[0], status="completed"), tasks[1], tasks[3]]
    change_task(fresh_client, tasks[5], status="pending")
    count = Counter(day_of(task["completed_at"]) for task in completed)
    days = [
        day_of(completed[0]["completed_at"]) + timedelta(days=number) for number in range(first, last + 1)
    ]

    answer = fresh_client.get("/tasks/summary", params={"from": str(days[0]), "to": str(days[-1])})

    assert answer.json()["completions"] == [{"day": str(day), "completed": count[day]} for day in days]


def test_two_hundred_tasks_at_once_are_all_kept_each_with_its_own_id(client, values, at_once):
    title = values.text()

    tasks = at_once(200, lambda number: log_task(client, title=title, description=str(number)))

    assert [task["description"] for task in tasks] == [str(number) for number in range(200)]
    assert len({task["id"] for task in tasks}) == 200
    kept = [task for task in client.get("/tasks").json() if task["title"] == title]
    assert kept == sorted(tasks, key=lambda task: task["id"])


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_neither_a_restart_nor_a_kill_forgets_a_task(launch, values, end):
    server = launch()
    first, deleted, last = (log_task(server.client, title=values.text()) for _ in range(3))
    changed = change_task(server.client, first, status="completed", due_date="2031-05-17")
    server.client.delete(f"/tasks/{deleted['id']}").raise_for_status()

    getattr(server, end)()

    assert server.client.get("/tasks").json() == [changed, last]


@pytest.mark.parametrize(
    ("settings", "name"),
    [({}, "tasks.db"), ({"DATABASE_URL": "sqlite:///other.db"}, "other.db")],
    ids=["default", "other file"],
)
def test_the_tasks_are_kept_in_the_sqlite_file_that_database_url_names(launch, values, settings, name):
    server = launch(**settings)
    task = log_task(server.client, title=values.text())

    server.restart()

    assert server.client.get("/tasks").json() == [task]
    assert server.files.read(name)[:15] == b"SQLite format 3"
