"""The acceptance tests of curriculum 5.4: one for each criterion of the ticket."""

import json
import re
import time
from itertools import accumulate

import pytest

TEXT, OPEN_METRICS = "text/plain", "application/openmetrics-text"
PROMETHEUS = f"{OPEN_METRICS};version=1.0.0;q=0.5,{TEXT};version=0.0.4;q=0.3,*/*;q=0.1"  # what it accepts
BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0]
REQUESTS, IN_PROGRESS = "http_requests_total", "http_requests_in_progress"
DURATION, JOB = "http_request_duration_seconds", "job_duration_seconds"
CPU = "http_request_cpu_seconds_total"
TYPES = {
    "http_requests": "counter",
    DURATION: "histogram",
    "http_request_cpu_seconds": "counter",
    IN_PROGRESS: "gauge",
}
PRODUCT, ORDERS, SHIPPING, REPORT = (
    "/products/{product_id}",
    "/orders",
    "/shipping/{country}",
    "/reports/{year}",
)
ORDER = {"product_id": 7, "email": "ada@example.com"}
REFUSED = ORDER | {"email": "ada@example.invalid"}
SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: [-+.\de]+)?(?: # \{.*)?", re.ASCII)
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)', re.ASCII)
COMMENT = re.compile(r"# (?:HELP \S+ .*|TYPE \S+ \w+|UNIT \S+ \S+|EOF)|#(?! HELP| TYPE| UNIT| EOF).*")
TYPE = re.compile(r"^# TYPE (\S+) (\w+)$", re.MULTILINE)
SLOW_REQUEST = re.compile(
    r"slow request method=(\S+) route=(\S+) status=(\S+) seconds=(\d+\.\d{3})$", re.MULTILINE
)
SLOW_JOB = re.compile(r"slow job job=(\S+) seconds=(\d+\.\d{3})$", re.MULTILINE)
ERRORS = {"alertname": "HighErrorRate", "severity": "critical"}
LATENCY = {"alertname": "HighLatency", "severity": "warning", "method": "GET", "route": PRODUCT}
DOWN = {"alertname": "ShopDown", "severity": "critical"}
FIRING = 'count by (alertname, severity, method, route) (ALERTS{alertstate="firing"})'
SCRAPES = 4  # in a minute
TARGET = {"instance": "localhost:8000", "job": "shop"}  # the labels that Prometheus adds


def key(**labels):
    """Return the labels of a series as text, sorted by name."""
    return ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))


def labels_in(text):
    """Return the labels that stand between the braces of a sample; a bound is written as Python does."""
    assert LABEL.sub("", text) == "", f"These are no labels: {text}"
    labels = dict(LABEL.findall(text))
    return labels | {name: str(float(bound)) for name, bound in labels.items() if name == "le"}


def parse(text):
    """Return the values of each metric's series by their labels; each line must be one of the format."""
    samples = {}
    for line in text.splitlines():
        sample = SAMPLE.fullmatch(line)
        assert sample or COMMENT.fullmatch(line), f"This is no line of the format: {line}"
        for name, labels, value in [sample.groups(default="")] if sample else []:
            of_name = samples.setdefault(name, {})
            assert key(**labels_in(labels)) not in of_name, f"This series is there twice: {line}"
            of_name[key(**labels_in(labels))] = float(value)
    return samples


def types_in(text):
    """Return the type of each metric; OpenMetrics names that of a counter without its `_total`."""
    return {name.removesuffix("_total"): kind for name, kind in TYPE.findall(text)}


def read_metrics(client):
    """Return what the app exports now."""
    return parse(client.get("/metrics").raise_for_status().text)


def value(metrics, name, **labels):
    """Return the value of one series, or 0 if it is not there."""
    return metrics.get(name, {}).get(key(**labels), 0.0)


def changes(before, after, name):
    """Return by how much the series of a metric have grown, without those that have not."""
    series = after.get(name, {})
    grown = {labels: series[labels] - before.get(name, {}).get(labels, 0.0) for labels in series}
    return {labels: growth for labels, growth in grown.items() if growth != 0}


def timed(call):
    """Return what a call gives, and the seconds that have passed."""
    started = time.perf_counter()
    return call(), time.perf_counter() - started


def begin_order(server):
    """Begin to send an order, and hold back the end of its body; return the connection."""
    body = json.dumps(ORDER).encode()
    lines = [
        "POST /orders HTTP/1.1",
        "Host: shop",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    connection = server.connect(10)
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body[:5])
    return connection


def end_order(connection):
    """Send the rest of an order; return the status line of its response."""
    connection.sendall(json.dumps(ORDER).encode()[5:])
    return connection.recv(65536).partition(b"\r\n")[0]


def in_progress(server):
    """Return how many requests are in progress."""
    return value(read_metrics(server.client), IN_PROGRESS)


def list_slowest(client, by):
    """Return the list of the slowest routes."""
    return client.get("/admin/slowest", params={"by": by}).raise_for_status().json()


def cost(metrics, method, route):
    """Return the row that the list of slowest routes must have for these metrics."""
    labels = {"method": method, "route": route}
    count = value(metrics, f"{DURATION}_count", **labels)
    enough = [
        bound for bound in BOUNDS if value(metrics, f"{DURATION}_bucket", **labels, le=bound) >= 0.95 * count
    ]
    return labels | {
        "requests": int(count),
        "p95_seconds": [*enough, BOUNDS[-1]][0],
        "total_seconds": pytest.approx(value(metrics, f"{DURATION}_sum", **labels), abs=0.001),
        "cpu_seconds": pytest.approx(value(metrics, CPU, **labels), abs=0.001),
    }


def counter(*phases):
    """Return the values of a counter for promtool: a phase has minutes, and by how much it grows with each scrape."""
    growths = [growth for minutes, growth in phases for _ in range(minutes * SCRAPES)]
    return " ".join(str(value) for value in accumulate(growths))


def requests(route, status, *phases, method="GET"):
    """Return a series of counted requests for promtool."""
    return {f"{REQUESTS}{{{key(method=method, route=route, status=status, **TARGET)}}}": counter(*phases)}


def durations(route, *phases, method="GET"):
    """Return the series of a histogram: a phase has minutes, and how many requests each scrape finds, by bound."""
    labels = {"method": method, "route": route, **TARGET}
    series = {}
    for bound in [*BOUNDS, float("inf")]:
        counted = [(minutes, sum(found[one] for one in found if one <= bound)) for minutes, found in phases]
        le = "+Inf" if bound == float("inf") else str(bound)
        series[f"{DURATION}_bucket{{{key(**labels, le=le)}}}"] = counter(*counted)
    totals = [
        (minutes, sum(count * min(one, 30) for one, count in found.items())) for minutes, found in phases
    ]
    counts = [(minutes, sum(found.values())) for minutes, found in phases]
    return series | {
        f"{DURATION}_sum{{{key(**labels)}}}": counter(*totals),
        f"{DURATION}_count{{{key(**labels)}}}": counter(*counts),
    }


def is_up(values, job="shop"):
    """Return the series with which Prometheus says whether it could read an app's metrics."""
    return {f'up{{instance="localhost:8000",job="{job}"}}': values}


UP = is_up("1x200")


def case(name, series, moments):
    """Return a test for promtool: which alerts fire at some moments; what it prints names the case."""
    checks = [
        {
            "expr": f'label_replace({FIRING}, "case", "{name}", "", "")',
            "eval_time": moment,
            "exp_samples": [{"labels": f"{{{key(case=name, **alert)}}}", "value": 1} for alert in alerts],
        }
        for moment, alerts in moments.items()
    ]
    return {"interval": "15s", "input_series": listed(series), "promql_expr_test": checks}


def listed(series):
    """Return series as promtool wants them."""
    return [{"series": name, "values": values} for name, values in series.items()]


def judge(tool, server, *cases, every="1m"):
    """Let promtool evaluate the app's alerts again and again over the series of each case."""
    content = {"rule_files": ["alerts.yml"], "evaluation_interval": every, "tests": cases}
    files = {"alerts.yml": (server.source / "alerts.yml").read_bytes(), "test.yml": json.dumps(content)}
    return tool("promtool", "test", "rules", "test.yml", files=files)


QUICK, SLOW, VERY_SLOW = 0.005, 1.0, float("inf")
FAILING = requests(PRODUCT, "500", (40, 20))
ENDPOINTS = {
    "a product": ("GET", "/products/7", None, "200", PRODUCT),
    "no such product": ("GET", "/products/0", None, "404", PRODUCT),
    "no product after the last": ("GET", "/products/1001", None, "404", PRODUCT),
    "no id": ("GET", "/products/x", None, "422", PRODUCT),
    "a query": ("GET", "/products/8?page=5", None, "200", PRODUCT),
    "an order": ("POST", "/orders", ORDER, "201", ORDERS),
    "an invalid order": ("POST", "/orders", {}, "422", ORDERS),
    "shipping costs": ("GET", "/shipping/DE", None, "200", SHIPPING),
    "a report": ("GET", "/reports/2026", None, "200", REPORT),
    "the slowest routes": ("GET", "/admin/slowest", None, "200", "/admin/slowest"),
    "an unknown order": ("GET", "/admin/slowest?by=name", None, "422", "/admin/slowest"),
    "an order in capitals": ("GET", "/admin/slowest?by=CPU", None, "422", "/admin/slowest"),
    "a method that is not allowed": ("PUT", "/products/7", None, "405", PRODUCT),
    "HEAD": ("HEAD", "/products/7", None, "405", PRODUCT),
    "DELETE": ("DELETE", "/orders", None, "405", ORDERS),
    "PATCH": ("PATCH", "/orders", {}, "405", ORDERS),
    "OPTIONS": ("OPTIONS", "/nothing", None, "404", "unmatched"),
    "TRACE": ("TRACE", "/reports/2026", None, "405", REPORT),
}


@pytest.mark.parametrize(("method", "path", "payload", "status", "route"), ENDPOINTS.values(), ids=ENDPOINTS)
def test_each_request_is_counted_by_method_route_and_status(client, method, path, payload, status, route):
    before = read_metrics(client)

    response = client.request(method, path, json=payload)

    assert str(response.status_code) == status
    after = read_metrics(client)
    assert changes(before, after, REQUESTS) == {key(method=method, route=route, status=status): 1.0}
    assert changes(before, after, f"{DURATION}_count") == {key(method=method, route=route): 1.0}
    assert key(method=method, route=route) in after[CPU]


def test_a_hundred_ids_add_no_series(client, at_once):
    client.get("/products/1").raise_for_status()
    before = read_metrics(client)

    answers = at_once(100, lambda number: client.get(f"/products/{number + 2}", params={"page": number}))

    assert {answer.status_code for answer in answers} == {200}
    after = read_metrics(client)
    assert {name: sorted(after[name]) for name in after} == {name: sorted(before[name]) for name in before}
    assert changes(before, after, REQUESTS) == {key(method="GET", route=PRODUCT, status="200"): 100.0}


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/products",
        "/products/7/reviews",
        "/metrics/x",
        "/healthy",
        "/products/7/%0A",
        "/docs/7",
        "//",
    ],
)
def test_unknown_paths_are_one_route(client, path):
    before = read_metrics(client)

    response = client.get(path)

    assert response.status_code == 404
    after = read_metrics(client)
    assert changes(before, after, REQUESTS) == {key(method="GET", route="unmatched", status="404"): 1.0}
    assert changes(before, after, f"{DURATION}_count") == {key(method="GET", route="unmatched"): 1.0}


@pytest.mark.parametrize(
    ("path", "status", "route"),
    [
        pytest.param("/products/7", "405", PRODUCT, id="known"),
        pytest.param("/x", "404", "unmatched", id="unknown"),
    ],
)
@pytest.mark.parametrize("method", ["PROPFIND", "PURGE", "LOCK"])
def test_unknown_methods_are_one_method(client, method, path, status, route):
    before = read_metrics(client)

    response = client.request(method, path)

    assert str(response.status_code) == status
    after = read_metrics(client)
    assert changes(before, after, REQUESTS) == {key(method="other", route=route, status=status): 1.0}
    assert changes(before, after, f"{DURATION}_count") == {key(method="other", route=route): 1.0}


def test_an_unexpected_error_counts_as_500(client):
    before = read_metrics(client)

    response = client.get("/shipping/XX")

    assert response.status_code == 500
    after = read_metrics(client)
    assert changes(before, after, REQUESTS) == {key(method="GET", route=SHIPPING, status="500"): 1.0}
    assert changes(before, after, f"{DURATION}_count") == {key(method="GET", route=SHIPPING): 1.0}


def test_durations_are_in_seconds(launch):
    server = launch(CARRIER_SECONDS="0.3")

    response, elapsed = timed(lambda: server.client.get("/shipping/DE"))

    assert response.status_code == 200
    metrics = read_metrics(server.client)
    assert 0.29 <= value(metrics, f"{DURATION}_sum", method="GET", route=SHIPPING) <= elapsed


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        pytest.param(DURATION, {"method": "POST", "route": ORDERS}, id="requests"),
        pytest.param(JOB, {"job": "send_receipt"}, id="jobs"),
    ],
)
def test_both_histograms_have_the_bounds(launch, eventually, name, labels):
    server = launch(PAYMENT_SECONDS="0.06", RECEIPT_SECONDS="0.06")

    response = server.client.post("/orders", json=ORDER)

    assert response.status_code == 201
    eventually(lambda: value(read_metrics(server.client), f"{name}_count", **labels), 1.0, seconds=5.0)
    metrics = read_metrics(server.client)
    seconds = value(metrics, f"{name}_sum", **labels)
    expected = {key(**labels, le=bound): float(seconds <= bound) for bound in [*BOUNDS, float("inf")]}
    assert metrics[f"{name}_bucket"] == expected
    assert types_in(server.client.get("/metrics").text)[name] == "histogram"
    assert seconds > 0.055


def test_requests_are_in_progress_until_they_are_answered(launch, eventually):
    server = launch()

    first, second = begin_order(server), begin_order(server)

    eventually(lambda: in_progress(server), 2.0, seconds=5.0)
    assert end_order(first) == b"HTTP/1.1 201 Created"
    eventually(lambda: in_progress(server), 1.0, seconds=5.0)
    assert end_order(second) == b"HTTP/1.1 201 Created"
    eventually(lambda: in_progress(server), 0.0, seconds=5.0)
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/products/7", 200, id="200"),
        pytest.param("/products/0", 404, id="404"),
        pytest.param("/nothing", 404, id="unknown path"),
        pytest.param("/shipping/XX", 500, id="unexpected error"),
    ],
)
def test_after_any_response_none_is_in_progress(client, path, status):
    response = client.get(path)

    assert response.status_code == status
    assert read_metrics(client)[IN_PROGRESS] == {"": 0.0}


def test_a_lost_client_is_not_in_progress(launch, eventually):
    server = launch()
    connection = begin_order(server)
    eventually(lambda: in_progress(server), 1.0, seconds=5.0)

    connection.close()

    eventually(lambda: in_progress(server), 0.0, seconds=5.0)


@pytest.mark.parametrize("path", ["/metrics", "/health"])
def test_neither_metrics_nor_health_are_measured(client, path):
    client.get("/products/7").raise_for_status()
    before = read_metrics(client)

    response = client.get(path)

    assert response.status_code == 200
    after = read_metrics(client)
    assert changes(before, after, REQUESTS) == {}
    assert changes(before, after, f"{DURATION}_count") == {}
    assert value(after, REQUESTS, method="GET", route=PRODUCT, status="200") > 0
    assert after[IN_PROGRESS] == {"": 0.0}


def test_of_200_requests_at_once_none_is_lost(client, race):
    before = read_metrics(client)

    answers = race(200, lambda number: client.get(f"/products/{number + 1}"))

    assert {answer.status_code for answer in answers} == {200}
    after = read_metrics(client)
    ok, of_route = {"method": "GET", "route": PRODUCT, "status": "200"}, {"method": "GET", "route": PRODUCT}
    assert changes(before, after, REQUESTS)[key(**ok)] == 200.0
    assert changes(before, after, f"{DURATION}_count")[key(**of_route)] == 200.0
    assert after[IN_PROGRESS] == {"": 0.0}


@pytest.mark.parametrize(
    ("order", "is_reported"), [(ORDER, False), (REFUSED, True)], ids=["it succeeds", "it fails"]
)
def test_the_duration_of_a_job_is_measured(launch, eventually, order, is_reported):
    server = launch(RECEIPT_SECONDS="0.2")
    started = time.perf_counter()

    response = server.client.post("/orders", json=order)

    assert response.status_code == 201
    eventually(
        lambda: read_metrics(server.client).get(f"{JOB}_count"), {key(job="send_receipt"): 1.0}, seconds=5.0
    )
    seconds = value(read_metrics(server.client), f"{JOB}_sum", job="send_receipt")
    assert 0.19 <= seconds <= time.perf_counter() - started
    eventually(lambda: "Traceback" in server.log, is_reported, seconds=5.0)


@pytest.mark.parametrize("order", [ORDER, REFUSED], ids=["it succeeds", "it fails"])
def test_a_job_is_no_part_of_its_request(launch, eventually, order):
    server = launch(RECEIPT_SECONDS="0.3")

    response, elapsed = timed(lambda: server.client.post("/orders", json=order))

    assert response.status_code == 201
    assert in_progress(server) == 0.0
    eventually(
        lambda: value(read_metrics(server.client), f"{JOB}_count", job="send_receipt"), 1.0, seconds=5.0
    )
    metrics = read_metrics(server.client)
    assert metrics[REQUESTS] == {key(method="POST", route=ORDERS, status="201"): 1.0}
    assert metrics[f"{DURATION}_count"] == {key(method="POST", route=ORDERS): 1.0}
    assert 0 < value(metrics, f"{DURATION}_sum", method="POST", route=ORDERS) <= elapsed


def test_cpu_time_is_the_processs(launch, at_once):
    server = launch(REPORT_ROWS="500000", CARRIER_SECONDS="0.3")
    server.client.get("/products/7").raise_for_status()

    seconds = server.cpu_seconds(lambda: server.client.get("/reports/2026"), rounds=1)
    response = server.client.get("/shipping/DE")
    metrics = read_metrics(server.client)
    failed = at_once(100, lambda _: server.client.get("/shipping/XX"))  # some clocks are too coarse for one

    assert response.status_code == 200
    assert {answer.status_code for answer in failed} == {500}
    assert seconds / 2 <= value(metrics, CPU, method="GET", route=REPORT) <= seconds
    waited = value(metrics, CPU, method="GET", route=SHIPPING)
    assert 0 < waited < 0.15
    assert value(read_metrics(server.client), CPU, method="GET", route=SHIPPING) > waited


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        pytest.param(PROMETHEUS, OPEN_METRICS, id="OpenMetrics"),
        pytest.param(OPEN_METRICS, OPEN_METRICS, id="OpenMetrics of any version"),
        pytest.param(f"{TEXT};version=0.0.4", TEXT, id="text"),
        pytest.param("*/*", TEXT, id="anything"),
        pytest.param("text/html, */*;q=0.8", TEXT, id="a browser"),
    ],
)
def test_metrics_come_in_both_formats(client, accept, media_type):
    client.get("/products/7").raise_for_status()
    client.get("/shipping/XX")

    response = client.get("/metrics", headers={"Accept": accept})

    assert response.status_code == 200
    assert response.headers["Content-Type"].partition(";")[0] == media_type
    metrics = parse(response.text)
    assert metrics[REQUESTS] == read_metrics(client)[REQUESTS]
    assert metrics[f"{DURATION}_bucket"] == read_metrics(client)[f"{DURATION}_bucket"]
    assert response.text.endswith("# EOF\n") == (media_type == OPEN_METRICS)
    types = types_in(response.text)
    assert {name: types.get(name) for name in TYPES} == TYPES


@pytest.mark.parametrize(
    ("settings", "method", "path", "status", "route"),
    [
        pytest.param({"SLOW_SECONDS": "0"}, "GET", "/products/7", "200", PRODUCT, id="200"),
        pytest.param({"SLOW_SECONDS": "0"}, "GET", "/products/0", "404", PRODUCT, id="404"),
        pytest.param({"SLOW_SECONDS": "0"}, "PURGE", "/nothing", "404", "unmatched", id="unknown"),
        pytest.param({"SLOW_SECONDS": "0"}, "GET", "/shipping/XX", "500", SHIPPING, id="unexpected error"),
        pytest.param({"CARRIER_SECONDS": "0.55"}, "GET", "/shipping/DE", "200", SHIPPING, id="by default"),
    ],
)
def test_a_slow_request_is_logged(launch, eventually, settings, method, path, status, route):
    server = launch(**settings)

    response = server.client.request(method, path)

    assert str(response.status_code) == status
    labels = {"method": {"PURGE": "other"}.get(method, method), "route": route}
    logged = [(*labels.values(), status)]
    eventually(lambda: [line[:3] for line in SLOW_REQUEST.findall(server.log)], logged, seconds=5.0)
    seconds = value(read_metrics(server.client), f"{DURATION}_sum", **labels)
    assert float(SLOW_REQUEST.findall(server.log)[0][3]) == pytest.approx(seconds, abs=0.002)
    assert server.log.count("slow request") == 1


@pytest.mark.parametrize(
    ("settings", "order"),
    [
        pytest.param({"SLOW_SECONDS": "0.1", "RECEIPT_SECONDS": "0.15"}, ORDER, id="it succeeds"),
        pytest.param({"RECEIPT_SECONDS": "0.55"}, REFUSED, id="it fails, by default"),
    ],
)
def test_a_slow_job_is_logged(launch, eventually, settings, order):
    server = launch(**settings)

    response = server.client.post("/orders", json=order)

    assert response.status_code == 201
    eventually(lambda: [job for job, _ in SLOW_JOB.findall(server.log)], ["send_receipt"], seconds=5.0)
    seconds = value(read_metrics(server.client), f"{JOB}_sum", job="send_receipt")
    assert float(SLOW_JOB.findall(server.log)[0][1]) == pytest.approx(seconds, abs=0.002)
    assert server.log.count("slow job") == 1


@pytest.mark.parametrize(
    ("limit", "settings"),
    [
        pytest.param(60, {"SLOW_SECONDS": "60"}, id="a minute"),
        pytest.param(0.5, {"CARRIER_SECONDS": "0.3", "RECEIPT_SECONDS": "0.3"}, id="by default"),
    ],
)
def test_what_is_quick_is_not_logged(launch, eventually, limit, settings):
    server = launch(**settings)

    response, elapsed = timed(lambda: server.client.get("/shipping/DE"))
    ordered, elapsed_then = timed(lambda: server.client.post("/orders", json=ORDER))

    assert [response.status_code, ordered.status_code] == [200, 201]
    eventually(
        lambda: value(read_metrics(server.client), f"{JOB}_count", job="send_receipt"), 1.0, seconds=5.0
    )
    of_job = value(
        read_metrics(server.client), f"{JOB}_sum", job="send_receipt"
    )  # by then, the log is written
    assert "slow" not in server.log or max(elapsed, elapsed_then, of_job) > limit


def test_the_list_agrees_with_the_metrics(fresh_client):
    empty = list_slowest(fresh_client, "p95")
    fresh_client.get("/products/7").raise_for_status()
    fresh_client.get("/products/8").raise_for_status()
    fresh_client.put("/products/7")
    fresh_client.get("/shipping/XX")
    fresh_client.get("/nothing")
    metrics = read_metrics(fresh_client)

    response = fresh_client.get("/admin/slowest")

    assert empty == []
    assert response.status_code == 200
    rows = sorted(response.json(), key=lambda row: (row["route"], row["method"]))
    assert [dict(row) for row in rows] == [
        cost(metrics, "GET", "/admin/slowest"),
        cost(metrics, "GET", PRODUCT),
        cost(metrics, "PUT", PRODUCT),
        cost(metrics, "GET", SHIPPING),
        cost(metrics, "GET", "unmatched"),
    ]


RANKINGS = [
    ("", "p95_seconds"),
    ("?by=p95", "p95_seconds"),
    ("?by=total", "total_seconds"),
    ("?by=cpu", "cpu_seconds"),
]


def ranked(rows, field):
    """Return the rows of the list in the order that the ticket wants."""
    return sorted(rows, key=lambda row: (-row[field], row["route"], row["method"]))


def test_the_most_expensive_route_is_first(launch, at_once):
    server = launch(CARRIER_SECONDS="0.15", PAYMENT_SECONDS="0.06", REPORT_ROWS="500000")
    server.client.get("/nothing")
    server.client.put("/products/7")
    server.client.get("/products/7").raise_for_status()
    for _ in range(4):
        server.client.post("/orders", json=ORDER).raise_for_status()  # together they take the most time
    server.client.get("/reports/2026").raise_for_status()  # the most CPU time
    server.client.get("/shipping/DE").raise_for_status()  # the longest

    responses = at_once(4, lambda number: server.client.get(f"/admin/slowest{RANKINGS[number][0]}"))

    assert [response.status_code for response in responses] == [200] * 4
    lists = [response.json() for response in responses]
    assert lists == [ranked(rows, field) for rows, (_, field) in zip(lists, RANKINGS, strict=True)]
    assert [len([row for row in rows if row["route"] != "/admin/slowest"]) for rows in lists] == [6] * 4


@pytest.mark.parametrize(
    ("quick", "slow", "seconds"),
    [
        pytest.param(19, 1, "0.15", id="1 slow of 20"),
        pytest.param(18, 2, "0.15", id="2 slow of 20"),
        pytest.param(0, 1, "1.05", id="longer than the last bound"),
    ],
)
def test_the_p95_covers_95_of_100_requests(launch, at_once, quick, slow, seconds):
    server = launch(CARRIER_SECONDS=seconds)
    at_once(quick, lambda _: server.client.get("/shipping/XX"))
    at_once(slow, lambda _: server.client.get("/shipping/DE").raise_for_status())
    metrics = read_metrics(server.client)

    rows = list_slowest(server.client, "total")

    assert [dict(row) for row in rows] == [cost(metrics, "GET", SHIPPING)]
    assert rows[0]["requests"] == quick + slow


FAILING_TRAFFIC = {
    "51 of 1,000 requests": requests(PRODUCT, "200", (40, 949)) | requests(PRODUCT, "500", (40, 51)),
    "several routes and statuses": requests(PRODUCT, "200", (40, 940))
    | requests(SHIPPING, "511", (40, 30))
    | requests(ORDERS, "500", (40, 30), method="POST"),
    "three minutes in six": requests(PRODUCT, "200", *[(3, 20), (3, 0)] * 7)
    | requests(PRODUCT, "500", *[(3, 0), (3, 20)] * 7),
    "a little more than one request a second": requests(PRODUCT, "500", (40, 16)),
    "one in ten, before and after a restart": {
        name: f"{values} {values}"
        for name, values in (requests(PRODUCT, "200", (28, 90)) | requests(PRODUCT, "500", (28, 10))).items()
    },
}


def test_many_errors_raise_an_alert(launch, tool):
    server = launch()
    cases = [
        case(name, UP | series, {"30m": [ERRORS], "31m": [ERRORS]})
        for name, series in FAILING_TRAFFIC.items()
    ]

    run = judge(tool, server, *cases)

    assert run.status == 0, run.output


HEALTHY_TRAFFIC = {
    "49 of 1,000 requests": requests(PRODUCT, "200", (40, 951)) | requests(PRODUCT, "500", (40, 49)),
    "404 only": requests("unmatched", "404", (40, 100)) | requests(PRODUCT, "422", (40, 100)),
    "a little less than one request a second": requests(PRODUCT, "500", (40, 14)),
    "one failed request at night": requests(PRODUCT, "200", (40, 0))
    | requests(PRODUCT, "500", (12, 0), (1, 1), (27, 0)),
    "no request at all": requests(PRODUCT, "200", (40, 0)) | requests(PRODUCT, "500", (40, 0)),
    "a route that always fails, of 50": requests(PRODUCT, "200", (40, 980))
    | requests(REPORT, "500", (40, 20)),
    "a route that always fails, among unknown paths": requests("unmatched", "404", (40, 980))
    | requests(REPORT, "500", (40, 20)),
    "errors of long ago": requests(PRODUCT, "200", (40, 100)) | requests(PRODUCT, "500", (1, 9999), (39, 0)),
}


def test_few_errors_raise_no_alert(launch, tool):
    server = launch()
    cases = [
        case(name, UP | series, {"15m": [], "30m": [], "31m": []}) for name, series in HEALTHY_TRAFFIC.items()
    ]

    run = judge(tool, server, *cases, case("for comparison", UP | FAILING, {"30m": [ERRORS]}))

    assert run.status == 0, run.output


SLOW_TRAFFIC = {
    "51 of 1,000 requests": durations(PRODUCT, (40, {QUICK: 949, SLOW: 51})),
    "longer than the last bound": durations(PRODUCT, (40, {QUICK: 949, VERY_SLOW: 51})),
    "one route of two": durations(PRODUCT, (40, {QUICK: 90, SLOW: 10}))
    | durations(SHIPPING, (40, {QUICK: 9000})),
    "one method of two": durations(PRODUCT, (40, {SLOW: 20}))
    | durations(PRODUCT, (40, {QUICK: 9000}), method="PUT"),
    "three minutes in six": durations(PRODUCT, *[(3, {QUICK: 20}), (3, {SLOW: 20})] * 7),
    "a little more than one request a second": durations(PRODUCT, (40, {SLOW: 16})),
}


def test_a_slow_route_raises_an_alert(launch, tool):
    server = launch()
    cases = [
        case(name, UP | series, {"30m": [LATENCY], "31m": [LATENCY]}) for name, series in SLOW_TRAFFIC.items()
    ]

    run = judge(tool, server, *cases)

    assert run.status == 0, run.output


QUICK_TRAFFIC = {
    "49 of 1,000 requests": durations(PRODUCT, (40, {QUICK: 951, VERY_SLOW: 49})),
    "all take nearly half a second": durations(PRODUCT, (40, {0.5: 100})),
    "a little less than one request a second": durations(PRODUCT, (40, {SLOW: 14})),
    "two routes that are seldom asked for": durations(PRODUCT, (40, {SLOW: 8}))
    | durations(SHIPPING, (40, {SLOW: 8})),
    "two methods that are seldom used": durations(PRODUCT, (40, {SLOW: 8}))
    | durations(PRODUCT, (40, {SLOW: 8}), method="PUT"),
    "no request at all": durations(PRODUCT, (40, {SLOW: 0})),
    "slow requests of long ago": durations(PRODUCT, (1, {SLOW: 9999}), (39, {QUICK: 20})),
}


def test_a_quick_route_raises_no_alert(launch, tool):
    server = launch()
    cases = [
        case(name, UP | series, {"20m": [], "30m": [], "31m": []}) for name, series in QUICK_TRAFFIC.items()
    ]

    run = judge(
        tool,
        server,
        *cases,
        case("for comparison", UP | durations(PRODUCT, (40, {SLOW: 20})), {"30m": [LATENCY]}),
    )

    assert run.status == 0, run.output


def test_a_shop_that_is_down_raises_an_alert(launch, tool):
    server = launch()

    run = judge(
        tool,
        server,
        case("its metrics cannot be read", is_up("1x40 0x100"), {"13m": [DOWN], "25m": [DOWN]}),
        case("its series ends", is_up("1x40 stale"), {"13m": [DOWN], "25m": [DOWN]}),
        case("it was never there", is_up("1x200", job="shop-worker"), {"13m": [DOWN], "25m": [DOWN]}),
    )

    assert run.status == 0, run.output


def test_a_shop_that_is_up_raises_no_alert(launch, tool):
    server = launch()

    run = judge(
        tool,
        server,
        case("another app is down", UP | is_up("0x200", job="postgres"), {"2m": [], "13m": [], "31m": []}),
        case("its worker is down", UP | is_up("0x200", job="shop-worker"), {"2m": [], "13m": [], "31m": []}),
        case("for comparison", is_up("0x200"), {"13m": [DOWN]}),
    )

    assert run.status == 0, run.output


BEFORE = requests(PRODUCT, "200", (40, 20))
TROUBLE = {
    "errors": (
        UP | BEFORE | requests(PRODUCT, "500", (10, 0), (30, 900)),
        {"14m45s": [], "15m45s": [ERRORS]},
    ),
    "latency": (
        UP | durations(PRODUCT, (10, {QUICK: 20}), (30, {SLOW: 900})),
        {"19m45s": [], "20m45s": [LATENCY]},
    ),
    "down": (is_up("1x39 0x100"), {"10m45s": [], "11m30s": [DOWN]}),
    "down again and again": (is_up(" ".join(["1 0 0 0"] * 30)), {"10m": [], "20m": [], "29m": []}),
}


def test_an_alert_waits_before_it_fires(launch, tool):
    server = launch()

    run = judge(tool, server, *[case(name, *trouble) for name, trouble in TROUBLE.items()], every="15s")

    assert run.status == 0, run.output


ENDS = {
    "errors": (
        UP | BEFORE | requests(PRODUCT, "500", (10, 0), (10, 900), (20, 0)),
        {"19m": [ERRORS], "26m": []},
    ),
    "errors whose series ends": (UP | requests(PRODUCT, "500", (20, 900)), {"19m": [ERRORS], "26m": []}),
    "latency": (
        UP | durations(PRODUCT, (25, {SLOW: 900}), (15, {QUICK: 9})),
        {"24m": [LATENCY], "31m": []},
    ),
    "latency whose series end": (UP | durations(PRODUCT, (25, {SLOW: 900})), {"24m": [LATENCY], "31m": []}),
    "down": (is_up("1x39 0x40 1x100"), {"19m": [DOWN], "21m": []}),
    "a series that comes back": (is_up("1x39 _x40 1x100"), {"19m": [DOWN], "21m": []}),
}


def test_an_alert_ends_with_its_cause(launch, tool):
    server = launch()

    run = judge(tool, server, *[case(name, *trouble) for name, trouble in ENDS.items()])

    assert run.status == 0, run.output


def test_prometheus_reads_app_and_alerts(launch, tool):
    source = launch().source
    files = {name: (source / name).read_bytes() for name in ("prometheus.yml", "alerts.yml")}

    config = tool("promtool", "check", "config", "prometheus.yml", files=files)
    targets = tool("promtool", "check", "service-discovery", "--timeout=300ms", "prometheus.yml", "shop")
    without = tool("promtool", "check", "config", "prometheus.yml", files={"alerts.yml": "no rules"})

    assert config.status == 0, config.output
    assert without.status != 0, "prometheus.yml does not name alerts.yml."
    assert [
        [
            target["labels"][name]
            for name in ("__scheme__", "__address__", "__metrics_path__", "__scrape_interval__", "job")
        ]
        for target in json.loads(targets.output)
    ] == [["http", "localhost:8000", "/metrics", "15s", "shop"]]


def expressions(part):
    """Return each `expr` of a dashboard, wherever it stands."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    own = [part["expr"]] if isinstance(part, dict) and "expr" in part else []
    return own + [one for each in inner for one in expressions(each)]


def without_variables(expr):
    """Return an expression as Grafana sends it: with values for its variables."""
    expr = re.sub(r"\$\{?__(rate_interval|interval)\}?", "1m", expr)
    return re.sub(r"\$\{?__range\}?", "1h", re.sub(r"\$(?:\{(?!__)\w+\}|(?!__)[a-zA-Z]\w*)", ".*", expr))


def read_dashboard(server):
    """Return the expressions of the app's dashboard."""
    return [
        without_variables(one)
        for one in expressions(json.loads((server.source / "dashboard.json").read_text()))
    ]


def test_the_dashboard_shows_what_the_app_exports(launch, tool, eventually):
    server = launch()
    server.client.post("/orders", json=ORDER).raise_for_status()
    server.client.get("/reports/2026").raise_for_status()
    server.client.get("/shipping/XX")
    eventually(
        lambda: value(read_metrics(server.client), f"{JOB}_count", job="send_receipt"), 1.0, seconds=5.0
    )
    samples = {
        f"{name}{{{key(**TARGET | labels_in(labels))}}}": f"0+{number:.6f}x40"
        for name, series in read_metrics(server.client).items()
        for labels, number in series.items()
    }
    exprs = read_dashboard(server)

    checks = [
        {
            "expr": f"count({expr}\n) > bool 0",
            "eval_time": "8m",
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for expr in exprs
    ]
    test = {"interval": "15s", "input_series": listed(UP | samples), "promql_expr_test": checks}
    files = {"test.yml": json.dumps({"rule_files": [], "evaluation_interval": "15s", "tests": [test]})}
    run = tool("promtool", "test", "rules", "test.yml", files=files)

    assert run.status == 0, run.output
    assert [name for name in (REQUESTS, DURATION, CPU, IN_PROGRESS, JOB) if name not in " ".join(exprs)] == []


PLAIN, PROBLEM = "application/json", "application/problem+json"
RESPONSES = {
    "the first product": ("GET", "/products/1", None, 200, PLAIN, {"id": 1, "name": "Product 1"}),
    "the last product": ("GET", "/products/1000", None, 200, PLAIN, {"id": 1000, "name": "Product 1000"}),
    "to Germany": ("GET", "/shipping/DE", None, 200, PLAIN, {"country": "DE", "price": 4.9}),
    "to France": ("GET", "/shipping/FR", None, 200, PLAIN, {"country": "FR", "price": 6.9}),
    "to New Zealand": ("GET", "/shipping/NZ", None, 200, PLAIN, {"country": "NZ", "price": 24.9}),
    "a report": ("GET", "/reports/2026", None, 200, PLAIN, {"year": 2026, "total": 0.99}),
    "an order": ("POST", "/orders", ORDER, 201, PLAIN, {"id": 1, "product_id": 7}),
    "no such product": ("GET", "/products/0", None, 404, PROBLEM, {"status": 404}),
    "an invalid order": ("POST", "/orders", {}, 422, PROBLEM, {"status": 422}),
    "an unexpected error": ("GET", "/shipping/XX", None, 500, PROBLEM, {"status": 500}),
}
OF_SERVERS = {"connection", "content-length", "date", "server", "transfer-encoding"}
WORDS = {"type", "title", "detail", "errors"}


@pytest.mark.parametrize(
    ("method", "path", "payload", "status", "media_type", "expected"), RESPONSES.values(), ids=RESPONSES
)
def test_measuring_changes_no_response(launch, method, path, payload, status, media_type, expected):
    server = launch(REPORT_ROWS="3", RECEIPT_SECONDS="0.3")

    response = server.client.request(method, path, json=payload)

    assert response.status_code == status
    assert response.headers["Content-Type"].partition(";")[0] == media_type
    assert {name: field for name, field in response.json().items() if name not in WORDS} == expected
    assert {name.lower() for name in response.headers} - OF_SERVERS == {"content-type"}
    assert sum(read_metrics(server.client)[REQUESTS].values()) == 1.0
