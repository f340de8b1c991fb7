"""The acceptance tests of exercise 5: one for each criterion of the ticket."""

import ast
import hashlib
import hmac
import json
import re
from contextlib import suppress

import pytest

SECRET = "uniti-ai-is-hiring"  # noqa: S105 - the ticket prints it
LIMIT = 1024 * 1024
TOO_LARGE = b"." * (LIMIT + 1)
PATIENCE = 3.0  # seconds that an answer may take which nobody can be kept waiting for
RECEIVED = {"status": "received"}
TIMING_SAFE = {"hmac.compare_digest", "secrets.compare_digest"}


def signature_of(body, key=SECRET):
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def another_digit(digit):
    return "e" if digit == "f" else "f"


def post(client, body, *signatures, content_type="application/json", chunked=False):
    """Send a body as it is, with one header X-CRM-Signature for each signature."""
    headers = [(b"X-CRM-Signature", one if isinstance(one, bytes) else one.encode()) for one in signatures]
    if content_type is not None:
        headers.append((b"Content-Type", content_type.encode()))
    content = (body[start : start + 65536] for start in range(0, len(body), 65536)) if chunked else body
    return client.post("/webhooks/crm", content=content, headers=headers)


def body_of(length, values):
    """Make a body of so many bytes, all of them ASCII, so that a report can show it."""
    return values.text().encode().ljust(length, b".")[:length]


def logged_lengths(log):
    """Give the number of bytes on each line of the log that tells of a received webhook."""
    return [int(length) for length in re.findall(r"^.*?webhook received bytes=(\d+)", log, re.MULTILINE)]


def status_of_unfinished(server, request):
    """Send the beginning of a request, wait for the answer, and give its status; `None` if none comes."""
    answer = b""
    with server.connect(PATIENCE) as connection, suppress(OSError):
        connection.sendall(request)
        answer = connection.recv(4096)
    return int(answer.split()[1]) if answer else None


def used_names(folder):
    """Name, such as `hmac.digest`, what the code in a folder uses of the modules that it imports."""
    return {name for path in folder.rglob("*.py") for name in used_names_of(ast.parse(path.read_bytes()))}


def used_names_of(tree):
    imported = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {one.asname or one.name: one.name for one in node.names}
        if isinstance(node, ast.ImportFrom):
            imported |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{imported.get(node.value.id, node.value.id)}.{node.attr}"


@pytest.fixture
def event(values):
    return json.dumps({"event": "user.created", "data": {"user_id": values.text()}}).encode()


def test_a_rightly_signed_webhook_is_answered_with_202_and_a_receipt(client, event):
    response = post(client, event, signature_of(event))

    assert response.status_code == 202
    assert response.json() == RECEIVED


def test_the_signature_of_the_contracts_example_is_right(client):
    body = b'{"event":"user.created","data":{"user_id":"123","email":"test@example.com"}}'

    response = post(client, body, "6063ea5146f17c12c622f6f147c2a39cbe31a5a429cf9227b1818e435930a9b0")

    assert response.status_code == 202
    assert response.json() == RECEIVED


def test_a_webhook_without_a_signature_is_400(client, event):
    response = post(client, event)

    assert response.status_code == 400
    assert post(client, event, signature_of(event)).status_code == 202


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda body: signature_of(body + b" "), id="of another body"),
        pytest.param(lambda body: signature_of(body, key=SECRET.upper()), id="with another secret"),
        pytest.param(lambda body: hashlib.sha256(SECRET.encode() + body).hexdigest(), id="a hash, no HMAC"),
        pytest.param(
            lambda body: another_digit(signature_of(body)[0]) + signature_of(body)[1:], id="first digit"
        ),
        pytest.param(
            lambda body: signature_of(body)[:-1] + another_digit(signature_of(body)[-1]), id="last digit"
        ),
    ],
)
def test_a_wrong_signature_is_403(client, event, forge):
    response = post(client, event, forge(event))

    assert response.status_code == 403


@pytest.mark.parametrize(
    "distort",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda right: right[:-1], id="63 digits"),
        pytest.param(lambda right: right + b"0", id="65 digits"),
        pytest.param(lambda right: b"sha256=" + right, id="with a prefix"),
        pytest.param(lambda right: right[:-1] + b"g", id="not hex"),
        pytest.param(lambda _: b"\xff" * 64, id="not ASCII"),
        pytest.param(lambda right: right[:-2] + "é".encode(), id="not ASCII, UTF-8"),
    ],
)
def test_a_signature_that_is_not_64_hex_digits_is_403(client, event, distort):
    response = post(client, event, distort(signature_of(event).encode()))

    assert response.status_code == 403


def test_a_signature_in_upper_case_is_403(client, event):
    signature = signature_of(event)

    response = post(client, event, signature.upper())

    assert response.status_code == 403
    assert post(client, event, signature).status_code == 202


@pytest.mark.parametrize(
    "places", [(0, 0), (0, 1), (1, 0)], ids=["both right", "first right", "second right"]
)
def test_two_signatures_are_403_even_if_both_are_right(client, event, places):
    signatures = [signature_of(event), signature_of(event + b" ")]

    response = post(client, event, *[signatures[place] for place in places])

    assert response.status_code == 403


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(b'{"id":7,"email":"a@example.com"}', id="without blanks"),
        pytest.param(b'{"email": "a@example.com", "id": 7}', id="in another order"),
        pytest.param(b'{"id": 7, "email": "a@example.com"}\n', id="with a newline at its end"),
    ],
)
def test_the_same_object_in_other_bytes_has_another_signature(client, other):
    body = b'{"id": 7, "email": "a@example.com"}'

    statuses = [
        post(client, body, signature_of(other)).status_code,
        post(client, other, signature_of(other)).status_code,
    ]

    assert json.loads(body) == json.loads(other)
    assert statuses == [403, 202]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'[NaN, "\\ud800", ', id="not JSON"),
        pytest.param(bytes(range(256)), id="not UTF-8"),
    ],
)
def test_any_body_is_judged_by_its_signature_alone(client, body):
    signatures = signature_of(body), signature_of(body + b"\n")

    statuses = [post(client, body, signature).status_code for signature in signatures]

    assert statuses == [202, 403]


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param(None, id="none"),
        pytest.param("application/json", id="JSON"),
        pytest.param("application/x-www-form-urlencoded", id="a form"),
        pytest.param("nothing of the kind", id="no media type"),
    ],
)
def test_the_content_type_does_not_matter(client, event, content_type):
    body = event[:-1]  # no JSON any more

    response = post(client, body, signature_of(body), content_type=content_type)

    assert response.status_code == 202


@pytest.mark.parametrize(
    "padding",
    [pytest.param(" ☕", id="not ASCII"), pytest.param("x" * 64, id="longer than a block of SHA-256")],
)
def test_another_secret_takes_the_place_of_the_default(launch, values, event, padding):
    secret = values.text() + padding
    client = launch(CRM_WEBHOOK_SECRET=secret).client

    responses = [post(client, event, signature_of(event, secret)), post(client, event, signature_of(event))]

    assert [response.status_code for response in responses] == [202, 403]


@pytest.mark.parametrize("chunked", [False, True], ids=["its length announced", "in chunks"])
def test_a_body_of_exactly_1_mib_is_received(client, values, chunked):
    body = body_of(LIMIT, values)

    response = post(client, body, signature_of(body), chunked=chunked)

    assert response.status_code == 202


@pytest.mark.parametrize(
    ("signatures", "chunked"),
    [
        pytest.param([signature_of(TOO_LARGE)], False, id="rightly, its length announced"),
        pytest.param([signature_of(TOO_LARGE)], True, id="rightly, in chunks"),
        pytest.param([signature_of(b"")], True, id="wrongly, in chunks"),
        pytest.param([], True, id="not at all, in chunks"),
    ],
)
def test_a_body_of_one_byte_more_is_413_however_it_is_signed(client, signatures, chunked):
    response = post(client, TOO_LARGE, *signatures, chunked=chunked)

    assert response.status_code == 413


def test_a_body_that_is_too_large_is_refused_before_it_ends(launch):
    server = launch()
    head = f"POST /webhooks/crm HTTP/1.1\r\nHost: crm\r\nX-CRM-Signature: {'0' * 64}\r\n"
    beginning = f"Transfer-Encoding: chunked\r\n\r\n{LIMIT + 1:x}\r\n"

    status = status_of_unfinished(server, (head + beginning).encode() + TOO_LARGE)

    assert status == 413, "No end of the body was ever sent, and the answer had to come all the same."


def test_a_received_webhook_leaves_one_line_in_the_log_and_a_refused_one_none(launch, values):
    server = launch()
    bodies = [body_of(length, values) for length in (0, 1, values.randrange(100, 1000))]

    responses = [post(server.client, body, signature_of(body)) for body in bodies]
    post(server.client, bodies[2], signature_of(b""))
    post(server.client, bodies[2])
    post(server.client, TOO_LARGE, signature_of(TOO_LARGE))

    assert [response.status_code for response in responses] == [202] * 3
    assert logged_lengths(server.log) == [len(body) for body in bodies]


def test_neither_the_secret_nor_an_expected_signature_is_logged_or_answered(launch, values, event):
    secret = values.text()
    server = launch(CRM_WEBHOOK_SECRET=secret)
    bodies = [event, event + b" ", event + b"  "]
    expected = [signature_of(body, secret) for body in bodies]

    responses = [
        post(server.client, bodies[0], expected[0]),
        post(server.client, bodies[1], expected[0]),
        post(server.client, bodies[2]),
        server.client.get("/openapi.json"),
        post(server.client, bodies[1], b"\xff"),
    ]

    assert responses[0].status_code == 202
    told = [server.log, *(f"{response.headers} {response.text}" for response in responses)]
    assert [text for text in told if secret in text] == []
    assert [text for text in told for signature in expected if signature in text.lower()] == []


def test_signatures_are_compared_in_a_timing_safe_way(launch):
    server = launch()

    used = used_names(server.source)

    assert used & TIMING_SAFE != set(), (
        "The code uses neither hmac.compare_digest nor secrets.compare_digest."
    )


@pytest.mark.parametrize(
    ("method", "path", "signatures", "body", "status"),
    [
        pytest.param("POST", "/webhooks/crm", [signature_of(b"{}")], b"{}", 202, id="received"),
        pytest.param("POST", "/webhooks/crm", [], b"{}", 400, id="signature missing"),
        pytest.param("POST", "/webhooks/crm", [signature_of(b"{ }")], b"{}", 403, id="signature wrong"),
        pytest.param("POST", "/webhooks/crm", [], TOO_LARGE, 413, id="too large"),
        pytest.param("GET", "/webhooks/crm", [], b"", 405, id="unknown method"),
        pytest.param("POST", "/nothing/here", [], b"{}", 404, id="unknown path"),
    ],
)
def test_every_answer_forbids_a_browser_to_guess_its_type(client, method, path, signatures, body, status):
    headers = [
        ("Content-Type", "application/json"),
        *(("X-CRM-Signature", signature) for signature in signatures),
    ]

    response = client.request(method, path, content=body, headers=headers)

    assert response.status_code == status
    assert response.headers.get("X-Content-Type-Options") == "nosniff"


def test_two_hundred_webhooks_at_once_are_all_received_each_with_its_line_in_the_log(launch, values, at_once):
    server = launch()
    bodies = [body_of(1000 + number, values) for number in range(200)]

    responses = at_once(200, lambda number: post(server.client, bodies[number], signature_of(bodies[number])))

    assert [response.status_code for response in responses] == [202] * 200
    assert [response.json() for response in responses] == [RECEIVED] * 200
    assert sorted(logged_lengths(server.log)) == [len(body) for body in bodies]
