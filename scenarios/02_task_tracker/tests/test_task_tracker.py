"""The acceptance tests of scenario 2: one for each criterion of the ticket."""

from datetime import UTC, date, datetime, timedelta

import pytest

JSON = {"Content-Type": "application/json"}
LONG_AGO = "2001-02-03T04:05:06Z"
LONG_TEXT = "0123456789" * 7_000  # more than 64 KiB
EACH_TEXT = [("POST", "title"), ("POST", "description"), ("PATCH", "title"), ("PATCH", "description")]


def create_task(client, **fields):
    """Create a task and return it; a test that fails here shows this request."""
    return client.post("/tasks", json=fields).raise_for_status().json()


def create_tasks(client, values, *some):
    """Create a task with each of these fields, and return the tasks."""
    return [create_task(client, **{"title": values.text(), **fields}) for fields in some]


def change_task(client, task, **fields):
    """Change a task and return it."""
    return client.patch(f"/tasks/{task['id']}", json=fields).raise_for_status().json()


def read_task(client, task):
    """Return a task as it is now."""
    return client.get(f"/tasks/{task['id']}").raise_for_status().json()


def delete_task(client, task):
    """Delete a task."""
    client.delete(f"/tasks/{task['id']}").raise_for_status()


def list_tasks(client, **filters):
    """Return the tasks that match these filters."""
    return client.get("/tasks", params=filters).raise_for_status().json()


def list_ours(client, tasks, **filters):
    """Return those of our tasks that match these filters, in the order of the list."""
    return [one for one in list_tasks(client, **filters) if one in tasks]


def restart_at(server, now):
    """Restart the app at another time; its tasks stay."""
    server.restart(warm=True, TRACKER_NOW=now)


def create_tasks_at(server, values, times):
    """Create a task at each of these times, the first of which is the server's own."""
    tasks = [create_task(server.client, title=values.text())]
    for now in times[1:]:
        restart_at(server, now)
        tasks.append(create_task(server.client, title=values.text()))
    return tasks


def at(text):
    """Return a time, which must be in UTC and say so."""
    time = datetime.fromisoformat(text)
    assert time.utcoffset() == timedelta(0), f"{text} is not in UTC"
    return time


def after(day, **numbers):
    """Return for each name the day that is so many days after `day`, as it is sent."""
    return {name: str(day + timedelta(days=number)) for name, number in numbers.items()}


def days_between(first, last):
    """Return all days of a range, as they are sent."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(start + timedelta(days=number)) for number in range((end - start).days + 1)]


def media_type(response):
    """Return a response's media type, without its parameters."""
    return response.headers["Content-Type"].split(";")[0]


@pytest.fixture
def task(client, values):
    """Create a task with all fields."""
    fields = {"description": values.text(), "status": "in_progress", "due_date": "2031-05-17"}
    return create_task(client, title=values.text(), **fields)


@pytest.fixture
def some_day(values):
    return date(2031, 1, 1) + timedelta(days=values.randrange(1000))


@pytest.fixture
def yesterday():
    return str(datetime.now(UTC).date() - timedelta(days=1))


@pytest.fixture
def today():
    """Today, or tomorrow where midnight may pass during the test."""
    return str((datetime.now(UTC) + timedelta(seconds=20)).date())


@pytest.fixture(params=["real time", "TRACKER_NOW"])
def clock(request, yesterday, today):
    """Return settings, the yesterday and today that they give, and a day long before or after."""
    settings = {"TRACKER_NOW": "2031-05-17T09:30:00Z"}
    return {
        "real time": ({}, yesterday, today, "0001-02-03"),
        "TRACKER_NOW": (settings, "2031-05-16", "2031-05-17", "2031-06-01"),
    }[request.param]


def test_creating_a_task_answers_201(client):
    sent = {"title": "Invoice for March", "due_date": "2024-03-31"}

    response = client.post("/tasks", json=sent)

    assert response.status_code == 201
    assert media_type(response) == "application/json"
    task = response.json()
    made = {name: task[name] for name in ("id", "created_at", "updated_at")}
    assert task == {**made, **sent, "description": None, "status": "pending", "completed_at": None}
    assert type(task["id"]) is int


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"title": "x"}, id="title"),
        pytest.param({"title": "x", "description": None, "due_date": None}, id="title and nulls"),
        pytest.param({"title": "\u200b"}, id="one invisible character"),
        pytest.param({"title": "\u0000March\u001b"}, id="control characters"),
        pytest.param({"title": "x", "description": LONG_TEXT}, id="a long description"),
    ],
)
def test_only_the_title_is_required(client, sent):
    task = create_task(client, **sent)

    made = {name: task[name] for name in ("id", "created_at", "updated_at")}
    optional = {"description": None, "status": "pending", "due_date": None, "completed_at": None}
    assert task == {**made, **optional, **sent}
    assert read_task(client, task) == task


@pytest.mark.parametrize(
    ("status", "time_of_completion"),
    [("pending", None), ("in_progress", None), ("completed", "created_at")],
    ids=["pending", "in_progress", "completed"],
)
def test_tasks_start_in_any_status(client, values, status, time_of_completion):
    task = create_task(client, title=values.text(), status=status)

    assert task["status"] == status
    assert task["completed_at"] == task.get(time_of_completion)
    assert read_task(client, task) == task


@pytest.mark.parametrize("due_date", ["0001-01-01", "1999-12-31", "2032-02-29", "9999-12-31"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_any_day_can_be_due(client, task, method, due_date):
    path = {"POST": "/tasks", "PATCH": f"/tasks/{task['id']}"}[method]

    response = client.request(method, path, json={"title": "Invoice", "due_date": due_date})

    changed = response.raise_for_status().json()
    assert changed["due_date"] == due_date
    assert read_task(client, changed) == changed


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_texts_are_kept_as_sent(client, task, method, kept_text):
    path = {"POST": "/tasks", "PATCH": f"/tasks/{task['id']}"}[method]

    response = client.request(method, path, json={"title": kept_text, "description": kept_text})

    changed = response.raise_for_status().json()
    assert [changed["title"], changed["description"]] == [kept_text, kept_text]
    assert read_task(client, changed) == changed


@pytest.mark.parametrize(("method", "field"), EACH_TEXT)
def test_blank_texts_get_422(client, task, method, field, blank_text):
    path = {"POST": "/tasks", "PATCH": f"/tasks/{task['id']}"}[method]
    before = list_tasks(client)

    response = client.request(method, path, json={"title": "Invoice", field: blank_text})

    assert response.status_code == 422
    assert list_tasks(client) == before


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"description": "For March"}', id="no title"),
        pytest.param(b'{"title": null}', id="title is null"),
        pytest.param(b'{"title": 5}', id="title is a number"),
        pytest.param(b'{"title": NaN}', id="title is NaN"),
        pytest.param(b'{"title": "\\ud800"}', id="half of a surrogate pair in the title"),
        pytest.param(b'{"title": "Invoice", "description": 5}', id="description is a number"),
        pytest.param(b'{"title": "Invoice", "description": NaN}', id="description is NaN"),
        pytest.param(
            b'{"title": "Invoice", "description": "\\udc00"}',
            id="half of a surrogate pair in the description",
        ),
        pytest.param(b'{"title": "Invoice", "status": null}', id="status is null"),
        pytest.param(b'{"title": "Invoice", "status": "done"}', id="unknown status"),
        pytest.param(b'{"title": "Invoice", "status": "COMPLETED"}', id="status in upper case"),
        pytest.param(b'{"title": "Invoice", "status": " completed "}', id="status between blanks"),
        pytest.param(b'{"title": "Invoice", "status": ["completed"]}', id="status in an array"),
        pytest.param(b'{"title": "Invoice", "due_date": "2031-02-29"}', id="due_date does not exist"),
        pytest.param(b'{"title": "Invoice", "due_date": "soon"}', id="due_date is not a day"),
        pytest.param(b'{"title": "Invoice", "due_date": ""}', id="due_date is empty"),
        pytest.param(b'{"title": "Invoice", "due_date": NaN}', id="due_date is NaN"),
        pytest.param(b'["Invoice"]', id="an array"),
        pytest.param(b'[{"title": "Invoice"}]', id="a task in an array"),
        pytest.param(b"null", id="null"),
        pytest.param(b"", id="empty"),
        pytest.param(b'{"title": "Invoice", ', id="not JSON"),
    ],
)
def test_invalid_new_tasks_get_422(client, task, payload):
    before = list_tasks(client)

    response = client.post("/tasks", content=payload, headers=JSON)

    assert response.status_code == 422
    assert list_tasks(client) == before
    assert task in before


def test_creating_sets_created_at(client, values):
    second = timedelta(seconds=1)  # of which an app may leave out the fraction
    earliest = datetime.now(UTC) - second

    task = create_task(client, title=values.text())

    assert earliest <= at(task["created_at"]) <= datetime.now(UTC) + second
    assert task["updated_at"] == task["created_at"]


@pytest.mark.parametrize("now", ["2031-05-17T09:30:00Z", "1999-12-31T23:59:59+00:00"])
def test_tracker_now_replaces_the_present(launch, values, now):
    client = launch(TRACKER_NOW=now).client

    task = create_task(client, title=values.text(), status="completed")

    assert [at(task[name]) for name in ("created_at", "updated_at", "completed_at")] == [at(now)] * 3
    assert read_task(client, task) == task


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param(
            {"id": 987654, **dict.fromkeys(("created_at", "updated_at"), LONG_AGO)}, id="id and times"
        ),
        pytest.param({"completed_at": LONG_AGO}, id="completed_at"),
        pytest.param(
            {"id": "mine", "created_at": None, "updated_at": 5, "completed_at": "soon"}, id="other types"
        ),
    ],
)
@pytest.mark.parametrize(
    "sent", [{"status": "pending"}, {"status": "completed"}, {}], ids=["pending", "completed", "no status"]
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_clients_cannot_set_server_fields(client, task, method, sent, theirs):
    path = {"POST": "/tasks", "PATCH": f"/tasks/{task['id']}"}[method]

    response = client.request(method, path, json={"title": "Invoice", **sent, **theirs})

    changed = response.raise_for_status().json()
    times = [changed[name] for name in ("created_at", "updated_at", "completed_at")]
    assert changed["id"] != theirs.get("id")
    assert (changed["completed_at"] is not None) == (sent.get("status") == "completed")
    assert [time for time in times if time is not None and at(time) <= at(LONG_AGO)] == []
    assert read_task(client, changed) == changed


def test_tasks_can_be_read(client, task, values):
    other = create_task(client, title=values.text())

    response = client.get(f"/tasks/{task['id']}")

    assert response.status_code == 200
    assert media_type(response) == "application/json"
    assert response.json() == task
    assert read_task(client, other) == other


@pytest.mark.parametrize(
    ("method", "payload"), [("GET", None), ("PATCH", {"title": "Invoice"}), ("DELETE", None)]
)
def test_unknown_ids_get_404(client, task, method, payload, unknown_id):
    response = client.request(method, f"/tasks/{unknown_id}", json=payload)

    assert response.status_code == 404
    assert read_task(client, task) == task


@pytest.mark.parametrize(
    ("method", "path", "body", "statuses"),
    [
        pytest.param("GET", "/tasks/987654321", b"", {404}, id="read an unknown task"),
        pytest.param(
            "PATCH", "/tasks/987654321", b'{"title": "Invoice"}', {404}, id="change an unknown task"
        ),
        pytest.param("DELETE", "/tasks/987654321", b"", {404}, id="delete an unknown task"),
        pytest.param("GET", "/tasks/soon", b"", {404, 422}, id="read an id that is no integer"),
        pytest.param("DELETE", "/tasks/1.5", b"", {404, 422}, id="delete an id that is no integer"),
        pytest.param("POST", "/tasks", b'{"title": ""}', {422}, id="invalid payload"),
        pytest.param("POST", "/tasks", b'{"title": NaN}', {422}, id="NaN"),
        pytest.param("POST", "/tasks", b'{"title": "\\ud800"}', {422}, id="half of a surrogate pair"),
        pytest.param("POST", "/tasks", b'{"title": ', {422}, id="not JSON"),
        pytest.param("PATCH", "/tasks/{id}", b'{"title": null}', {422}, id="invalid change"),
        pytest.param("GET", "/tasks?status=done", b"", {422}, id="invalid filter"),
        pytest.param("GET", "/tasks?due_from=2031-02-02&due_to=2031-02-01", b"", {422}, id="invalid range"),
        pytest.param("GET", "/tasks/summary", b"", {422}, id="no range"),
        pytest.param("GET", "/nothing/here", b"", {404}, id="unknown path"),
        pytest.param("PUT", "/tasks", b'{"title": "Invoice"}', {405}, id="unknown method"),
    ],
)
def test_errors_are_problem_details(client, task, method, path, body, statuses):
    response = client.request(method, path.format_map(task), content=body, headers=JSON)

    assert response.status_code in statuses
    assert media_type(response) == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert [type(problem[name]) for name in ("type", "title", "detail")] == [str, str, str]


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("PUT", "/tasks", {"GET", "POST"}),
        ("DELETE", "/tasks", {"GET", "POST"}),
        ("POST", "/tasks/{id}", {"GET", "PATCH", "DELETE"}),
        ("PUT", "/tasks/{id}", {"GET", "PATCH", "DELETE"}),
    ],
)
def test_405_responses_have_allow(client, task, method, path, methods):
    response = client.request(method, path.format_map(task), json={"title": "Invoice"})

    assert response.status_code == 405
    assert methods & set(response.headers["Allow"].replace(" ", "").split(","))


def test_lists_are_sorted_oldest_first(client, values):
    first, second, third = create_tasks(
        client,
        values,
        {"title": f"b {values.text()}", "due_date": "2031-05-18", "status": "pending"},
        {"title": f"c {values.text()}", "due_date": "2031-05-16", "status": "completed"},
        {"title": f"a {values.text()}", "due_date": "2031-05-17", "status": "in_progress"},
    )
    changed = change_task(client, first, description=values.text())

    response = client.get("/tasks")

    assert response.status_code == 200
    assert media_type(response) == "application/json"
    assert response.json()[-3:] == [changed, second, third]


def test_long_lists_are_complete(client, values, at_once):
    title = values.text()
    tasks = at_once(8, lambda _: create_tasks(client, values, *[{"title": title}] * 126))

    answer = list_tasks(client)
    pending = list_tasks(client, status="pending")

    ids = [task["id"] for task in answer if task["title"] == title]
    assert ids == sorted(task["id"] for some in tasks for task in some)
    assert len(ids) == 1008
    assert [task["id"] for task in pending if task["title"] == title] == ids


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        pytest.param("pending", [0, 3], id="pending"),
        pytest.param("in_progress", [1], id="in_progress"),
        pytest.param("completed", [2], id="completed"),
        pytest.param(["completed", "pending"], [0, 2, 3], id="two"),
        pytest.param(["completed", "in_progress", "pending"], [0, 1, 2, 3], id="three"),
        pytest.param(["pending", "pending"], [0, 3], id="one twice"),
    ],
)
def test_lists_filter_by_status(client, values, wanted, positions):
    statuses = ("pending", "in_progress", "completed", "pending")
    tasks = create_tasks(client, values, *({"status": status} for status in statuses))

    answer = list_ours(client, tasks, status=wanted)

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("filters", "positions"),
    [
        pytest.param({"due_from": 1}, [0, 2], id="from"),
        pytest.param({"due_to": 1}, [1, 2], id="to"),
        pytest.param({"due_from": 0, "due_to": 1}, [1, 2], id="both"),
        pytest.param({"due_from": 1, "due_to": 1}, [2], id="one day"),
    ],
)
def test_lists_filter_by_due_date(client, values, some_day, filters, positions):
    dates = [*after(some_day, third=2, first=0, second=1).values(), None]
    tasks = create_tasks(client, values, *({"due_date": day} for day in dates))

    answer = list_ours(client, tasks, **after(some_day, **filters))

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("times", "filters", "positions"),
    [
        pytest.param(
            ["2031-05-16T23:59:59.999999Z", "2031-05-17T00:00:00Z"],
            {"created_from": "2031-05-17"},
            [1],
            id="from",
        ),
        pytest.param(
            ["2031-05-17T23:59:59.999999Z", "2031-05-18T00:00:00Z"],
            {"created_to": "2031-05-17"},
            [0],
            id="to",
        ),
    ],
)
def test_lists_filter_by_creation_day(launch, values, times, filters, positions):
    server = launch(TRACKER_NOW=times[0])
    tasks = create_tasks_at(server, values, times)
    # All other dates of the first task are those of the last one.
    tasks[0] = change_task(server.client, tasks[0], status="completed", due_date=times[-1][:10])

    answer = list_tasks(server.client, **filters)

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("filters", "positions"),
    [
        pytest.param({"overdue": "true"}, [0, 1], id="overdue"),
        pytest.param({"overdue": "false"}, [2, 3, 4, 5], id="not overdue"),
        pytest.param({}, [0, 1, 2, 3, 4, 5], id="all without the filter"),
    ],
)
def test_lists_filter_by_overdue(client, values, yesterday, today, filters, positions):
    tasks = create_tasks(
        client,
        values,
        {"status": "pending", "due_date": yesterday},
        {"status": "in_progress", "due_date": "2001-02-03"},
        {"status": "completed", "due_date": yesterday},
        {"status": "pending", "due_date": today},
        {"status": "pending"},
        {"status": "completed"},
    )

    answer = list_ours(client, tasks, **filters)

    assert answer == [tasks[position] for position in positions]


def test_tasks_become_overdue_at_midnight(launch, values):
    server = launch(TRACKER_NOW="2031-05-17T23:59:59.999999Z")
    task, _ = create_tasks(server.client, values, {"due_date": "2031-05-17"}, {"due_date": "2031-05-18"})
    assert list_tasks(server.client, overdue="true") == []

    restart_at(server, "2031-05-18T00:00:00Z")

    assert list_tasks(server.client, overdue="true") == [task]


@pytest.mark.parametrize(
    ("overdue", "statuses", "positions"),
    [("true", ["pending", "completed"], [0, 1]), ("false", ["in_progress", "completed"], [5])],
    ids=["overdue", "not overdue"],
)
def test_all_filters_must_match(launch, values, overdue, statuses, positions):
    server = launch(TRACKER_NOW="2031-05-16T23:30:00Z")
    create_tasks(server.client, values, {"due_date": "2031-05-10"}, {"status": "completed"})
    restart_at(server, "2031-05-17T00:30:00Z")
    tasks = create_tasks(
        server.client,
        values,
        {"due_date": "2031-05-14"},
        {"due_date": "2031-05-01"},
        {"due_date": "2031-04-30"},
        {"due_date": "2031-05-15"},
        {"due_date": "2031-05-10", "status": "in_progress"},
        {"due_date": "2031-05-10", "status": "completed"},
        {"due_date": "2031-04-30", "status": "completed"},
        {"due_date": "2031-05-15", "status": "completed"},
        {"status": "completed"},
        {},
    )
    restart_at(server, "2031-05-18T00:30:00Z")
    create_tasks(
        server.client,
        values,
        {"due_date": "2031-05-10"},
        {"due_date": "2031-05-10", "status": "completed"},
    )
    days = {"due_from": "2031-05-01", "due_to": "2031-05-14"}
    days |= {"created_from": "2031-05-17", "created_to": "2031-05-17"}

    answer = list_tasks(server.client, status=statuses, overdue=overdue, **days)

    assert answer == [tasks[position] for position in positions]


@pytest.mark.parametrize(
    ("target", "valid", "invalid"),
    [
        pytest.param("/tasks?status=", "pending", "done", id="unknown status"),
        pytest.param("/tasks?status=", "completed", "COMPLETED", id="status in upper case"),
        pytest.param("/tasks?status=pending&status=", "completed", "done", id="second status unknown"),
        pytest.param("/tasks?status=", "pending", "pending,completed", id="statuses between commas"),
        pytest.param("/tasks?status=", "pending", "%20pending", id="status after a blank"),
        pytest.param("/tasks?status=", "pending", "", id="status is empty"),
        pytest.param("/tasks?due_from=", "9999-12-31", "soon", id="due_from is not a day"),
        pytest.param("/tasks?due_to=", "0001-01-01", "2031-02-29", id="due_to does not exist"),
        pytest.param("/tasks?created_from=", "0001-01-01", "soon", id="created_from is not a day"),
        pytest.param("/tasks?created_to=", "9999-12-31", "2031-02-29", id="created_to does not exist"),
        pytest.param("/tasks?due_to=", "9999-12-31", "", id="due_to is empty"),
        pytest.param("/tasks?created_from=", "0001-01-01", "", id="created_from is empty"),
        pytest.param("/tasks?overdue=", "true", "perhaps", id="neither true nor false"),
        pytest.param("/tasks?overdue=", "false", "", id="overdue is empty"),
        pytest.param(
            "/tasks?due_from=2031-02-02&due_to=", "2031-02-02", "2031-02-01", id="due range inverted"
        ),
        pytest.param(
            "/tasks?due_to=0001-01-01&due_from=", "0001-01-01", "9999-12-31", id="due range far off"
        ),
        pytest.param(
            "/tasks?created_from=2031-02-02&created_to=", "2031-02-02", "2031-02-01", id="days inverted"
        ),
        pytest.param(
            "/tasks?due_from=2031-02-01&due_to=2031-02-02&created_from=2031-02-02&created_to=",
            "2031-02-02",
            "2031-02-01",
            id="second range inverted",
        ),
        pytest.param(
            "/tasks?created_to=0001-01-01&created_from=", "0001-01-01", "9999-12-31", id="days far off"
        ),
        pytest.param("/tasks/summary?from=2031-02-02", "&to=2031-02-02", "", id="summary without to"),
        pytest.param("/tasks/summary?to=2031-02-02", "&from=2031-02-02", "", id="summary without from"),
        pytest.param(
            "/tasks/summary?from=2031-02-28&to=", "2031-02-28", "2031-02-29", id="to does not exist"
        ),
        pytest.param("/tasks/summary?to=2031-02-28&from=", "2031-02-28", "soon", id="from is not a day"),
        pytest.param("/tasks/summary?from=2031-02-28&to=", "2031-02-28", "", id="to is empty"),
        pytest.param("/tasks/summary?from=2031-02-02&to=", "2031-02-02", "2031-02-01", id="summary inverted"),
        pytest.param(
            "/tasks/summary?from=2031-01-01&to=", "2032-01-01", "2032-01-02", id="summary of 367 days"
        ),
        pytest.param(
            "/tasks/summary?from=0001-01-01&to=", "0001-01-01", "9999-12-31", id="summary of all days"
        ),
        pytest.param(
            "/tasks/summary?from=9999-12-31&to=", "9999-12-31", "0001-01-01", id="summary from the last day"
        ),
    ],
)
def test_invalid_filters_get_422(client, target, valid, invalid):
    assert client.get(target + valid).status_code == 200

    response = client.get(target + invalid)

    assert response.status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"title": "Second invoice"}, id="title"),
        pytest.param({"description": "x"}, id="description"),
        pytest.param({"status": "pending"}, id="status"),
        pytest.param({"due_date": "2032-02-29"}, id="due_date"),
        pytest.param({"title": "Second invoice", "due_date": "2032-02-29"}, id="two fields"),
        pytest.param({"title": "\u200b", "description": "\u0000March\u001b"}, id="invisible characters"),
        pytest.param({}, id="no field"),
    ],
)
def test_patch_changes_only_sent_fields(client, task, values, change):
    create_tasks(client, values, {"status": "completed"}, {"due_date": "2031-05-18"})
    others = [one for one in list_tasks(client) if one != task]

    response = client.patch(f"/tasks/{task['id']}", json=change)

    assert response.status_code == 200
    assert media_type(response) == "application/json"
    changed = response.json()
    assert changed == {**task, **change, "updated_at": changed["updated_at"]}
    assert read_task(client, task) == changed
    assert [one for one in list_tasks(client) if one != changed] == others


@pytest.mark.parametrize(
    ("fields", "later"),
    [
        pytest.param(
            ["title", "description", "status", "due_date"],
            "2031-05-18T16:45:00Z",
            id="the values that it has",
        ),
        pytest.param([], "2031-05-18T16:45:00Z", id="no field"),
        pytest.param(["status"], "2031-05-16T16:45:00Z", id="its status, with the clock set back"),
    ],
)
def test_every_patch_moves_updated_at(launch, values, fields, later):
    server = launch(TRACKER_NOW="2031-05-17T09:30:00Z")
    task, _ = create_tasks(server.client, values, {"status": "completed", "due_date": "2031-05-17"}, {})
    restart_at(server, later)

    changed = change_task(server.client, task, **{name: task[name] for name in fields})

    assert changed == {**task, "updated_at": changed["updated_at"]}
    assert at(changed["updated_at"]) == at(later)
    assert read_task(server.client, task) == changed


@pytest.mark.parametrize("field", ["description", "due_date"])
def test_null_clears_optional_fields(client, task, field):
    changed = change_task(client, task, **{field: None})

    assert changed == {**task, field: None, "updated_at": changed["updated_at"]}
    assert read_task(client, task) == changed


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"title": null}', id="title is null"),
        pytest.param(b'{"status": null}', id="status is null"),
        pytest.param(b'{"title": 5}', id="title is a number"),
        pytest.param(b'{"description": 5}', id="description is a number"),
        pytest.param(b'{"title": "\\ud800"}', id="half of a surrogate pair in the title"),
        pytest.param(b'{"description": "\\udc00"}', id="half of a surrogate pair in the description"),
        pytest.param(b'{"title": NaN}', id="title is NaN"),
        pytest.param(b'{"description": NaN}', id="description is NaN"),
        pytest.param(b'{"status": "done"}', id="unknown status"),
        pytest.param(b'{"status": "COMPLETED"}', id="status in upper case"),
        pytest.param(b'{"status": NaN}', id="status is NaN"),
        pytest.param(b'{"status": ["completed"]}', id="status in an array"),
        pytest.param(b'{"status": "completed "}', id="status before a blank"),
        pytest.param(b'{"due_date": "2031-02-29"}', id="due_date does not exist"),
        pytest.param(b'{"due_date": "soon"}', id="due_date is not a day"),
        pytest.param(b'{"due_date": ""}', id="due_date is empty"),
        pytest.param(b'{"due_date": NaN}', id="due_date is NaN"),
        pytest.param(b'{"title": "Second invoice", "status": "done"}', id="one field of two"),
        pytest.param(b'{"title": "Second invoice", "description": " "}', id="blank description"),
        pytest.param(b'["Invoice"]', id="an array"),
        pytest.param(b"null", id="null"),
        pytest.param(b"", id="empty"),
        pytest.param(b'{"title": ', id="not JSON"),
    ],
)
def test_invalid_changes_get_422(client, task, payload):
    response = client.patch(f"/tasks/{task['id']}", content=payload, headers=JSON)

    assert response.status_code == 422
    assert read_task(client, task) == task


@pytest.mark.parametrize("last", ["pending", "in_progress", "completed"])
@pytest.mark.parametrize("first", ["pending", "in_progress", "completed"])
def test_any_status_follows_any_other(client, values, first, last):
    task = create_task(client, title=values.text(), status=first)

    changed = change_task(client, task, status=last)

    assert task["status"] == first
    assert changed["status"] == last
    assert read_task(client, task) == changed


@pytest.mark.parametrize("first", ["pending", "completed"], ids=["the first time", "once more"])
def test_completing_sets_completed_at(launch, values, first):
    server = launch(TRACKER_NOW="2031-05-17T09:30:00Z")
    task, other = create_tasks(server.client, values, {"status": first, "due_date": "2031-05-20"}, {})
    change_task(server.client, task, status="in_progress")
    restart_at(server, "2031-05-18T16:45:00Z")

    completed = change_task(server.client, task, status="completed")

    times = {name: completed[name] for name in ("updated_at", "completed_at")}
    assert completed == {**task, "status": "completed", **times}
    assert [at(time) for time in times.values()] == [at("2031-05-18T16:45:00Z")] * 2
    assert list_tasks(server.client) == [completed, other]


@pytest.mark.parametrize(
    "change",
    [{"title": "Second invoice"}, {"status": "completed", "due_date": "2031-05-20"}],
    ids=["another title", "completed once more"],
)
def test_completed_tasks_keep_completed_at(launch, values, change):
    server = launch(TRACKER_NOW="2031-05-17T09:30:00Z")
    task, _ = create_tasks(server.client, values, {}, {})
    completed = change_task(server.client, task, status="completed")
    restart_at(server, "2031-05-18T16:45:00Z")

    changed = change_task(server.client, task, **change)

    assert completed["completed_at"] is not None
    assert changed == {**completed, **change, "updated_at": changed["updated_at"]}
    assert read_task(server.client, task) == changed


@pytest.mark.parametrize("status", ["pending", "in_progress"])
def test_reopened_tasks_lose_completed_at(client, task, status):
    completed = change_task(client, task, status="completed")

    reopened = change_task(client, task, status=status)

    assert completed["completed_at"] is not None
    assert reopened["status"] == status
    assert reopened["completed_at"] is None
    assert read_task(client, task) == reopened


def test_concurrent_changes_are_all_kept(client, values, race, some_day):
    tasks = create_tasks(client, values, {}, {}, {})
    fields = {
        "title": values.text(),
        "description": values.text(),
        "status": "in_progress",
        "due_date": str(some_day),
    }
    changes = [{name: value} for name, value in fields.items()]

    race(12, lambda number: change_task(client, tasks[number // 4], **changes[number % 4]))

    ids = [task["id"] for task in tasks]
    kept = [one for one in list_tasks(client) if one["id"] in ids]
    assert [{name: one[name] for name in fields} for one in kept] == [fields] * 3


def test_concurrent_status_changes_stay_consistent(client, values, race):
    tasks = create_tasks(client, values, *[{}] * 16)
    statuses = ["completed", "in_progress"]

    race(32, lambda number: change_task(client, tasks[number // 2], status=statuses[number % 2]))

    ids = [task["id"] for task in tasks]
    kept = [one for one in list_tasks(client) if one["id"] in ids]
    assert len(kept) == 16
    assert [one for one in kept if (one["status"] == "completed") != (one["completed_at"] is not None)] == []


def test_concurrent_completions_agree(client, values, race):
    tasks = create_tasks(client, values, {}, {}, {})

    answers = race(12, lambda number: change_task(client, tasks[number % 3], status="completed"))

    ids = [task["id"] for task in tasks]
    kept = {one["id"]: one["completed_at"] for one in list_tasks(client) if one["id"] in ids}
    assert {answer["id"]: answer["completed_at"] for answer in answers} == kept
    assert [answer for answer in answers if answer["completed_at"] != kept[answer["id"]]] == []


@pytest.mark.parametrize("status", ["pending", "in_progress", "completed"])
def test_delete_answers_204(client, values, status):
    task = create_task(client, title=values.text(), status=status)

    response = client.delete(f"/tasks/{task['id']}")

    assert response.status_code == 204
    assert response.content == b""


@pytest.mark.parametrize(
    ("method", "payload"), [("GET", None), ("PATCH", {"title": "Invoice"}), ("DELETE", None)]
)
def test_deleted_tasks_get_404(client, task, method, payload):
    assert read_task(client, task) == task
    delete_task(client, task)

    response = client.request(method, f"/tasks/{task['id']}", json=payload)

    assert response.status_code == 404


def test_deleting_leaves_other_tasks(client, task, values):
    create_tasks(client, values, {}, {})
    before = list_tasks(client)

    delete_task(client, task)

    assert task in before
    assert list_tasks(client) == [one for one in before if one != task]
    assert list_ours(client, [task], status="in_progress") == []


def test_only_one_concurrent_delete_succeeds(client, task, race):
    answers = race(8, lambda _: client.delete(f"/tasks/{task['id']}"))

    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 7


def test_patch_during_delete_gets_200_or_404(client, values, race):
    tasks = create_tasks(client, values, *[{}] * 8)
    requests = [("DELETE", None), ("PATCH", {"title": "Second invoice"})]

    def send(number):
        method, payload = requests[number % 2]
        return client.request(method, f"/tasks/{tasks[number // 2]['id']}", json=payload)

    answers = race(16, send)

    assert [answer.status_code for answer in answers[::2]] == [204] * 8
    assert [answer for answer in answers[1::2] if answer.status_code not in {200, 404}] == []
    ids = [task["id"] for task in tasks]
    assert [one for one in list_tasks(client) if one["id"] in ids] == []


def test_ids_are_never_reused(launch, values):
    server = launch()
    kept = create_task(server.client, title=values.text())
    first = create_task(server.client, title=values.text())
    delete_task(server.client, first)
    second = create_task(server.client, title=values.text())
    delete_task(server.client, second)
    delete_task(server.client, kept)
    server.restart(warm=True)

    third = create_task(server.client, title=values.text())

    assert len({task["id"] for task in (kept, first, second, third)}) == 4
    assert read_task(server.client, third) == third


def test_the_summary_counts_tasks(launch, values, clock):
    settings, yesterday, today, day = clock
    client = launch(**settings).client
    before = client.get("/tasks/summary", params={"from": day, "to": day})
    create_tasks(
        client,
        values,
        {"status": "pending", "due_date": yesterday},
        {"status": "pending", "due_date": "2001-02-03"},
        {"status": "pending", "due_date": today},
        {"status": "pending"},
        {"status": "in_progress", "due_date": yesterday},
        {"status": "in_progress"},
        {"status": "completed", "due_date": yesterday},
    )
    delete_task(client, create_task(client, title=values.text(), due_date=yesterday))

    response = client.get("/tasks/summary", params={"from": day, "to": day})

    assert response.status_code == 200
    assert media_type(response) == "application/json"
    completions = [{"day": day, "completed": 0}]
    assert response.json() == {
        "by_status": {"pending": 4, "in_progress": 2, "completed": 1},
        "overdue": 3,
        "completions": completions,
    }
    assert before.json() == {
        "by_status": {"pending": 0, "in_progress": 0, "completed": 0},
        "overdue": 0,
        "completions": completions,
    }


def test_the_summary_counts_completions_daily(launch, values):
    first, last = "2031-05-18", "2032-05-17"  # 366 days, since 2032 is a leap year
    server = launch(TRACKER_NOW="2031-05-17T23:59:59.999999Z")
    client = server.client
    before, open_task, _ = create_tasks(client, values, {"status": "completed"}, {}, {})
    restart_at(server, f"{first}T00:00:00Z")
    completed = change_task(client, open_task, status="completed")
    reopened, _ = create_tasks(client, values, {"status": "completed"}, {"status": "completed"})
    restart_at(server, f"{last}T23:59:59.999999Z")
    create_tasks(client, values, {"status": "completed", "due_date": "2031-06-01"})
    change_task(client, before, title=values.text())
    change_task(client, completed, status="completed")
    deleted = create_task(client, title=values.text(), status="completed")
    restart_at(server, "2032-05-18T00:00:00Z")
    create_tasks(client, values, {"status": "completed"})
    client.get("/tasks/summary", params={"from": first, "to": last}).raise_for_status()
    change_task(client, reopened, status="pending")
    delete_task(client, deleted)
    counts = {first: 2, last: 1}

    response = client.get("/tasks/summary", params={"from": first, "to": last})

    assert response.status_code == 200
    assert response.json()["completions"] == [
        {"day": day, "completed": counts.get(day, 0)} for day in days_between(first, last)
    ]


def test_two_hundred_concurrent_posts_succeed(client, values, race):
    title = values.text()

    tasks = race(200, lambda number: create_task(client, title=title, description=str(number)))

    assert [task["description"] for task in tasks] == [str(number) for number in range(200)]
    assert len({task["id"] for task in tasks}) == 200
    kept = [task for task in list_tasks(client) if task["title"] == title]
    assert kept == sorted(tasks, key=lambda task: task["id"])


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_restarts_lose_nothing(launch, values, end):
    server = launch()
    first, deleted, last = create_tasks(server.client, values, {}, {}, {})
    changed = change_task(server.client, first, status="completed", due_date="2031-05-17")
    delete_task(server.client, deleted)

    getattr(server, end)()

    assert list_tasks(server.client) == [changed, last]


@pytest.mark.parametrize(
    ("settings", "name"),
    [({}, "tasks.db"), ({"DATABASE_URL": "sqlite:///data/other.db"}, "data/other.db")],
    ids=["default", "other file"],
)
def test_database_url_names_the_file(launch, values, settings, name):
    server = launch(files={"data/note.txt": "The app's files lie beside it."}, **settings)
    task = create_task(server.client, title=values.text())

    server.restart(warm=True)

    assert list_tasks(server.client) == [task]
    assert server.files.read(name)[:15] == b"SQLite format 3"
