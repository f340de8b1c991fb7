"""The acceptance tests of exercise 5: one for each criterion of the ticket."""

import ast
import base64
import gzip
import hashlib
import hmac
import json
import re
from contextlib import suppress

import pytest

SECRET = "uniti-ai-is-hiring"  # noqa: S105 - the ticket prints it
EXAMPLE = b'{"event":"user.created","data":{"user_id":"123","email":"test@example.com"}}'
EXAMPLES_SIGNATURE = "6063ea5146f17c12c622f6f147c2a39cbe31a5a429cf9227b1818e435930a9b0"
LIMIT = 1024 * 1024
TOO_LARGE = b"." * (LIMIT + 1)
FAR_TOO_LARGE = b"." * (3 * LIMIT)
PATIENCE = 5.0
"""Seconds within which a response must arrive that waits for nothing."""
RECEIVED = {"status": "received"}
PIECE = 8
"""So many characters in a row of a secret are a part of it, and no coincidence."""
TIMING_SAFE = {"hmac.compare_digest", "secrets.compare_digest"}


def digest_of(body, key=SECRET):
    return hmac.digest(key.encode(), body, "sha256")


def signature_of(body, key=SECRET):
    return digest_of(body, key).hex()


def another_digit(digit):
    return "e" if digit == "f" else "f"


def post(client, body, *signatures, chunked=False):
    """Send a body as it is, with one header X-CRM-Signature for each signature."""
    headers = [(b"X-CRM-Signature", one if isinstance(one, bytes) else one.encode()) for one in signatures]
    headers.append((b"Content-Type", b"application/json"))
    content = iter([body]) if chunked else body
    return client.post("/webhooks/crm", content=content, headers=headers)


def body_of(length, values):
    """Make a body of so many bytes, all of them ASCII, so that a report can show it."""
    return values.text().encode().ljust(length, b".")[:length]


def logged_lengths(log):
    """Return the numbers of bytes of all webhooks that the log says were received."""
    return [int(length) for length in re.findall(r"webhook received bytes=(\d+)\b.*", log)]


def status_of_unfinished(server, request):
    """Send the beginning of a request, wait for the response, and return its status; `None` if none arrives."""
    response = b""
    with server.connect(PATIENCE) as connection, suppress(OSError):
        connection.sendall(request)
        response = connection.recv(4096)
    return int(response.split()[1]) if response else None


def lines_at_response(server, body):
    """Send a webhook, and return how many lines the log has at the moment when the response begins."""
    head = f"POST /webhooks/crm HTTP/1.1\r\nHost: crm\r\nX-CRM-Signature: {signature_of(body)}\r\n"
    with server.connect(PATIENCE) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        connection.recv(1)
        return len(logged_lengths(server.log))


def trees(folder):
    """Return the syntax trees of the code in a folder."""
    return [ast.parse(path.read_bytes()) for path in sorted(folder.rglob("*.py"))]


def imported_names(tree):
    """Return, by what a module calls them, the names that it imports, such as `hmac.digest`."""
    imported = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {one.asname or one.name: one.name for one in node.names}
        if isinstance(node, ast.ImportFrom):
            imported |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return imported


def is_timing_safe(node, imported):
    """Return whether a node calls one of the functions that compare in a timing-safe way."""
    if not isinstance(node, ast.Call):
        return False
    module, _, name = ast.unparse(node.func).rpartition(".")
    return (f"{imported.get(module)}.{name}" if module else imported.get(name)) in TIMING_SAFE


def without_coding(node):
    """Return an expression without the `.encode()` or `.decode()` behind it."""
    return (
        node.func.value
        if getattr(getattr(node, "func", None), "attr", None) in {"encode", "decode"}
        else node
    )


def wholes(node):
    """Return the source of an expression, and of all that it is a part of, such as `a` for `a[:8].decode()`."""
    texts = {ast.unparse(node)}
    while isinstance(node, (ast.Subscript, ast.Call)):
        node = node.value if isinstance(node, ast.Subscript) else getattr(node.func, "value", node.func)
        texts.add(ast.unparse(node))
    return texts


def unsafely_compared(node):
    """Return the expressions that a node compares in another way; none if one of them is a constant."""
    sides = []
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
    if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in {"startswith", "endswith"}:
        sides = [node.func.value, *node.args]
    return [] if any(isinstance(side, ast.Constant) for side in sides) else sides


def comparisons(folder):
    """Return the timing-safe comparisons in the code, and all others of what they compare."""
    safe, other = [], []
    for tree in trees(folder):
        imported = imported_names(tree)
        unused = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        calls = [node for node in ast.walk(tree) if is_timing_safe(node, imported) and node not in unused]
        arguments = [argument for call in calls for argument in call.args]
        compared = set(map(ast.unparse, [*arguments, *map(without_coding, arguments)]))
        safe += map(ast.unparse, calls)
        for node in ast.walk(tree):
            if compared & set().union(*map(wholes, unsafely_compared(node))):
                other.append(ast.unparse(node))
    return safe, other


@pytest.fixture
def event(values):
    return json.dumps({"event": "user.created", "data": {"user_id": values.text()}}).encode()


def test_a_rightly_signed_webhook_is_received(client):
    response = post(client, EXAMPLE, EXAMPLES_SIGNATURE)

    assert response.status_code == 202
    assert response.headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"
    assert response.json() == RECEIVED


@pytest.mark.parametrize(
    ("query", "header"),
    [
        pytest.param("", "X-Other", id="in a header of any name"),
        pytest.param("", "X-Signature", id="in another header"),
        pytest.param("", "X-CRM-Signature-256", id="in a longer header"),
        pytest.param("", "X_CRM_Signature", id="in a header with underscores"),
        pytest.param("", "X-Hub-Signature-256", id="in GitHub's header"),
        pytest.param("?X-CRM-Signature=", "X-Other", id="in the query"),
        pytest.param("?signature=", "X-Other", id="in the query, by another name"),
    ],
)
def test_a_webhook_without_a_signature_is_400(client, event, query, header):
    target = f"/webhooks/crm{query and query + signature_of(event)}"

    response = client.post(target, content=event, headers={header: signature_of(event)})

    assert response.status_code == 400
    assert post(client, event, signature_of(event)).status_code == 202
    assert post(client, b"").status_code == 400


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda body: signature_of(body + b" "), id="of another body"),
        pytest.param(lambda _: signature_of(b""), id="of an empty body"),
        pytest.param(lambda _: EXAMPLES_SIGNATURE, id="of the ticket's example"),
        pytest.param(lambda body: signature_of(body, key=SECRET.upper()), id="with another secret"),
        pytest.param(lambda body: signature_of(body, key=""), id="with an empty secret"),
        pytest.param(lambda body: hashlib.sha256(SECRET.encode() + body).hexdigest(), id="a hash, no HMAC"),
        pytest.param(lambda body: hmac.digest(SECRET.encode(), body, "sha1").hex(), id="with SHA-1"),
        pytest.param(lambda body: hmac.digest(SECRET.encode(), body, "sha512").hex(), id="with SHA-512"),
        pytest.param(
            lambda body: hmac.digest(SECRET.encode(), body, "sha512").hex()[:64], id="with SHA-512, cut off"
        ),
        pytest.param(
            lambda body: another_digit(signature_of(body)[0]) + signature_of(body)[1:], id="first digit"
        ),
        pytest.param(
            lambda body: (
                signature_of(body)[:31] + another_digit(signature_of(body)[31]) + signature_of(body)[32:]
            ),
            id="middle digit",
        ),
        pytest.param(
            lambda body: signature_of(body)[:-1] + another_digit(signature_of(body)[-1]), id="last digit"
        ),
    ],
)
def test_a_wrong_signature_is_403(client, event, forge):
    post(client, EXAMPLE, EXAMPLES_SIGNATURE)  # what was right for one body is wrong for another

    response = post(client, event, forge(event))

    assert response.status_code == 403


@pytest.mark.parametrize(
    "distort",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda right: right[:-1], id="63 digits"),
        pytest.param(lambda right: right[:32], id="the first half"),
        pytest.param(lambda right: right[32:], id="the second half"),
        pytest.param(lambda right: right + b"0", id="65 digits"),
        pytest.param(lambda right: right + right, id="twice in a row"),
        pytest.param(lambda right: right + b"," + right, id="twice, with a comma"),
        pytest.param(lambda right: right[:32] + b" " + right[32:], id="a blank inside"),
        pytest.param(lambda right: right[:32] + b"\t" + right[32:], id="a tab inside"),
        pytest.param(lambda right: right[:2] + b":" + right[2:], id="a colon inside"),
        pytest.param(lambda right: b"sha256=" + right, id="with a prefix"),
        pytest.param(lambda right: b"0x" + right, id="with 0x"),
        pytest.param(lambda right: b"0" + right, id="with a zero"),
        pytest.param(lambda right: b"HMAC-SHA256 " + right, id="with a word and a blank"),
        pytest.param(lambda right: b"t=1767225600,v1=" + right, id="with a time and a version"),
        pytest.param(lambda right: right + b";v=1", id="with a parameter behind it"),
        pytest.param(lambda right: right[:32] + b"-" + right[32:], id="a hyphen inside"),
        pytest.param(lambda right: b'"' + right + b'"', id="in quotes"),
        pytest.param(lambda right: right[:-1] + b"g", id="not hex"),
        pytest.param(lambda right: base64.b64encode(bytes.fromhex(right.decode())), id="in Base64"),
        pytest.param(
            lambda right: base64.urlsafe_b64encode(bytes.fromhex(right.decode())).rstrip(b"="),
            id="in the Base64 of URLs",
        ),
        pytest.param(lambda _: b"\xff" * 64, id="not ASCII"),
        pytest.param(lambda right: right + b"\xff", id="right, and a byte that is not ASCII"),
        pytest.param(lambda right: b"\xe9" + right, id="a byte that is not ASCII, and right"),
        pytest.param(lambda right: right[:32] + "é".encode() + right[32:], id="right, with é inside"),
        pytest.param(lambda right: b"\xef\xbb\xbf" + right, id="right, after a byte order mark"),
        pytest.param(lambda right: right[:-2] + "é".encode(), id="not ASCII, UTF-8"),
    ],
)
def test_a_signature_that_is_not_64_hex_digits_is_403(client, event, distort):
    response = post(client, event, distort(signature_of(event).encode()))

    assert response.status_code == 403
    assert post(client, event, signature_of(event)).status_code == 202


def with_one_capital(signature):
    """Return the signature with its first letter in upper case."""
    return re.sub("[a-f]", lambda letter: letter[0].upper(), signature, count=1)


@pytest.mark.parametrize("change", [str.upper, with_one_capital], ids=["all of it", "one letter"])
def test_a_signature_in_upper_case_is_403(client, event, change):
    signature = signature_of(event)

    response = post(client, event, change(signature))

    assert response.status_code == 403
    assert post(client, event, signature).status_code == 202


@pytest.mark.parametrize(
    "places",
    [
        pytest.param((0, 0), id="both right"),
        pytest.param((0, 1), id="first right"),
        pytest.param((1, 0), id="second right"),
        pytest.param((0, 2), id="second empty"),
        pytest.param((2, 0), id="first empty"),
        pytest.param((0, 0, 0), id="three right"),
    ],
)
def test_two_signatures_are_403_even_if_both_are_right(client, event, places):
    signatures = [signature_of(event), signature_of(event + b" "), ""]

    response = post(client, event, *[signatures[place] for place in places])

    assert response.status_code == 403


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(b'{"id":7,"email":"a@example.com"}', id="without blanks"),
        pytest.param(b'{"email": "a@example.com", "id": 7}', id="in another order"),
        pytest.param(b'{"id": 7, "email": "a\\u0040example.com"}', id="with an escape"),
        pytest.param(b'{"id": 7, "email": "a@example.com"}\n', id="with a newline at its end"),
        pytest.param(b' {"id": 7, "email": "a@example.com"}', id="with a blank before it"),
    ],
)
def test_the_same_object_in_other_bytes_has_another_signature(client, other):
    body = b'{"id": 7, "email": "a@example.com"}'
    assert json.loads(body) == json.loads(other)

    response = post(client, body, signature_of(other))

    assert response.status_code == 403
    assert post(client, other, signature_of(other)).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="a line break"),
        pytest.param(b"  {}  ", id="blanks at both ends"),
        pytest.param(b'{\r\n"a": 1\r\n}\r\n', id="line breaks of Windows"),
        pytest.param(b'[NaN, "\\ud800", ', id="not JSON"),
        pytest.param(b'{"a": 1, "a": 2}', id="a key twice"),
        pytest.param(bytes(range(256)), id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param('{"a": "é"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"{}\x00", id="a null byte at its end"),
        pytest.param("caf\u00e9 cafe\u0301".encode(), id="accents, composed and decomposed"),
        pytest.param(b"event=user.created&name=a+b%20c", id="a form"),
    ],
)
def test_any_body_is_judged_by_its_signature_alone(client, body):
    response = post(client, body, signature_of(body))

    assert response.status_code == 202
    assert post(client, body, signature_of(body + b" ")).status_code == 403


@pytest.mark.parametrize(
    ("headers", "pack"),
    [
        pytest.param({}, bytes, id="none"),
        pytest.param({"Content-Type": "application/json"}, bytes, id="JSON"),
        pytest.param({"Content-Type": "application/x-www-form-urlencoded"}, bytes, id="a form"),
        pytest.param(
            {"Content-Type": "multipart/form-data; boundary=x"}, bytes, id="a form of several parts"
        ),
        pytest.param({"Content-Type": "text/plain; charset=utf-16"}, bytes, id="another charset"),
        pytest.param({"Content-Type": "nothing of the kind"}, bytes, id="no media type"),
        pytest.param({"Content-Encoding": "gzip"}, bytes, id="compressed, which it is not"),
        pytest.param({"Content-Encoding": "gzip"}, gzip.compress, id="compressed, which it is"),
        pytest.param({"X-Signature": "0"}, bytes, id="another signature"),
        pytest.param({"Accept": "text/html"}, bytes, id="a response in HTML is wanted"),
        pytest.param({"Date": "Mon, 01 Jan 2001 00:00:00 GMT"}, bytes, id="an old date"),
    ],
)
def test_other_headers_do_not_matter(client, event, headers, pack):
    body = pack(event[:-1])  # no JSON any more

    response = client.post(
        "/webhooks/crm", content=body, headers={"X-CRM-Signature": signature_of(body), **headers}
    )

    assert response.status_code == 202


SECRETS = {
    "one character": "x",
    "blanks at both ends": "  two blanks and a tab \t",
    "quotes": "\"double\" 'single'",
    "signs of shells and URLs": "$HOME #1 %41 + \\n = &",
    "64 characters": "x" * 64,
    "longer than a block of SHA-256": "x" * 65,
    "10,000 characters": "0123456789" * 1_000,
    "a line break at its end": "one line\n",
    "commas": "one,two, three",
    "hex digits": "6b6579",
    "not ASCII": "caf\u00e9 cafe\u0301 \u2615",
    "a number": "007",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_another_secret_replaces_the_default(launch, event, secret):
    client = launch(CRM_WEBHOOK_SECRET=secret).client

    response = post(client, event, signature_of(event, secret))

    assert response.status_code == 202
    assert post(client, event, signature_of(event)).status_code == 403


@pytest.mark.parametrize("chunked", [False, True], ids=["its length announced", "in chunks"])
def test_a_body_of_exactly_1_mib_is_received(client, values, chunked):
    body = body_of(LIMIT, values)

    response = post(client, body, signature_of(body), chunked=chunked)

    assert response.status_code == 202


@pytest.mark.parametrize("chunked", [False, True], ids=["its length announced", "in chunks"])
@pytest.mark.parametrize(
    ("body", "signatures"),
    [
        pytest.param(TOO_LARGE, [signature_of(TOO_LARGE)], id="a byte more, rightly"),
        pytest.param(
            TOO_LARGE, [signature_of(TOO_LARGE[:LIMIT])], id="a byte more, for what comes before it"
        ),
        pytest.param(TOO_LARGE, [signature_of(b""), signature_of(b"")], id="a byte more, twice"),
        pytest.param(TOO_LARGE, [], id="a byte more, not at all"),
        pytest.param(FAR_TOO_LARGE, [signature_of(FAR_TOO_LARGE)], id="3 MiB, rightly"),
    ],
)
def test_a_larger_body_is_413_however_it_is_signed(client, body, signatures, chunked):
    response = post(client, body, *signatures, chunked=chunked)

    assert response.status_code == 413


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        pytest.param(f"Transfer-Encoding: chunked\r\n\r\n{LIMIT + 1:x}\r\n", TOO_LARGE, id="in one chunk"),
        pytest.param(
            "Transfer-Encoding: chunked\r\n\r\n",
            (b"10000\r\n" + b"." * 65536 + b"\r\n") * 16 + b"1\r\n.\r\n",
            id="in small chunks",
        ),
        pytest.param(f"Content-Length: {10 * LIMIT}\r\n\r\n", TOO_LARGE, id="its length announced"),
    ],
)
def test_a_body_that_is_too_large_is_refused_before_it_ends(launch, framing, body):
    server = launch()
    head = f"POST /webhooks/crm HTTP/1.1\r\nHost: crm\r\nX-CRM-Signature: {'0' * 64}\r\n"

    status = status_of_unfinished(server, (head + framing).encode() + body)

    assert status == 413, "The end of the body was never sent, and the response had to arrive all the same."


@pytest.mark.parametrize(
    ("chunked", "settings"),
    [
        pytest.param(False, {"UVICORN_LOG_LEVEL": "info"}, id="its length announced, among uvicorn's lines"),
        pytest.param(True, {}, id="in chunks"),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(EXAMPLE, id="the example"),
        pytest.param(b"", id="empty"),
        pytest.param(b".", id="1 byte"),
        pytest.param(TOO_LARGE[:LIMIT], id="1 MiB"),
        pytest.param("☕é".encode(), id="5 bytes, 2 characters"),
        pytest.param(b"\xef\xbb\xbf{}\n", id="a byte order mark"),
        pytest.param(b"a\nwebhook received bytes=7\n", id="a line that looks the same"),
    ],
)
def test_a_received_webhook_leaves_one_line_in_the_log(launch, eventually, body, chunked, settings):
    server = launch(**settings)

    response = post(server.client, body, signature_of(body), chunked=chunked)

    assert response.status_code == 202
    eventually(lambda: logged_lengths(server.log), [len(body)], seconds=1.0)


def test_the_line_is_in_the_log_before_the_response(launch, at_once):
    server = launch()

    lines = at_once(1, lambda _: [lines_at_response(server, EXAMPLE) for _ in range(100)])

    assert lines == [list(range(1, 101))]


@pytest.mark.parametrize(
    ("body", "signatures", "status"),
    [
        pytest.param(EXAMPLE, [signature_of(b"")], 403, id="signature wrong"),
        pytest.param(b"webhook received bytes=7", [signature_of(b"")], 403, id="the line as a body"),
        pytest.param(EXAMPLE, ["webhook received bytes=7"], 403, id="the line as a signature"),
        pytest.param(EXAMPLE, [b"\xff"], 403, id="signature not ASCII"),
        pytest.param(EXAMPLE, [EXAMPLES_SIGNATURE] * 2, 403, id="two signatures"),
        pytest.param(EXAMPLE, [], 400, id="signature missing"),
        pytest.param(TOO_LARGE, [signature_of(TOO_LARGE)], 413, id="too large"),
    ],
)
def test_a_refused_webhook_leaves_no_line(launch, eventually, body, signatures, status):
    server = launch()

    response = post(server.client, body, *signatures)

    assert response.status_code == status
    assert post(server.client, b"!", signature_of(b"!")).status_code == 202
    eventually(lambda: logged_lengths(server.log), [1], seconds=1.0)


def pieces(text):
    """Return all parts of a text that tell something of it."""
    return {text[start:][:PIECE] for start in range(len(text) - PIECE + 1)}


@pytest.mark.parametrize(
    ("method", "path", "sign", "size"),
    [
        pytest.param("POST", "/webhooks/crm", lambda right: [right], 100, id="received"),
        pytest.param("POST", "/webhooks/crm", lambda _: ["0" * 64], 100, id="signature wrong"),
        pytest.param("POST", "/webhooks/crm", lambda _: [b"\xff"], 100, id="signature not ASCII"),
        pytest.param("POST", "/webhooks/crm", lambda _: ["0", "0"], 100, id="two signatures"),
        pytest.param("POST", "/webhooks/crm", lambda _: [], 100, id="signature missing"),
        pytest.param("POST", "/webhooks/crm", lambda _: [], LIMIT + 1, id="too large"),
        pytest.param("GET", "/webhooks/crm", lambda _: [], 0, id="unknown method"),
        pytest.param("GET", "/openapi.json", lambda _: [], 0, id="the app's description"),
    ],
)
def test_neither_the_secret_nor_an_expected_signature_is_revealed(launch, values, method, path, sign, size):
    secret = f"{values.getrandbits(160):040x}"
    body = body_of(size, values)
    expected = digest_of(body, secret)
    server = launch(CRM_WEBHOOK_SECRET=secret, UVICORN_LOG_LEVEL="info")
    headers = [
        (b"X-CRM-Signature", one if isinstance(one, bytes) else one.encode()) for one in sign(expected.hex())
    ]

    response = server.client.request(method, path, content=body, headers=headers)

    assert post(server.client, b"!", signature_of(b"!", secret)).status_code == 202
    told = f"{response.headers} {response.text} {server.log}"
    hidden = pieces(secret) | pieces(expected.hex())
    assert sorted(piece for piece in hidden if piece in told.lower()) == []
    encoded = pieces(base64.b64encode(secret.encode()).decode()) | pieces(base64.b64encode(expected).decode())
    assert sorted(piece for piece in encoded if piece in told) == []


def test_signatures_are_compared_in_a_timing_safe_way(launch):
    server = launch()

    safe, other = comparisons(server.source)

    assert safe != [], "The code calls neither hmac.compare_digest nor secrets.compare_digest."
    assert other == []


@pytest.mark.parametrize(
    ("method", "path", "signatures", "body", "statuses"),
    [
        pytest.param("POST", "/webhooks/crm", [signature_of(b"{}")], b"{}", {202}, id="received"),
        pytest.param("POST", "/webhooks/crm", [], b"{}", {400}, id="signature missing"),
        pytest.param("POST", "/webhooks/crm", [signature_of(b"{ }")], b"{}", {403}, id="signature wrong"),
        pytest.param("POST", "/webhooks/crm", [b"\xff"], b"{}", {403}, id="signature not ASCII"),
        pytest.param("POST", "/webhooks/crm", [], TOO_LARGE, {413}, id="too large"),
        pytest.param("GET", "/webhooks/crm", [], b"", {405}, id="unknown method"),
        pytest.param("POST", "/nothing/here", [], b"{}", {404}, id="unknown path"),
        pytest.param("POST", "/webhooks/crm/", [], b"{}", {307, 308, 400, 404}, id="a slash at the end"),
        pytest.param("GET", "/docs", [], b"", {200, 404}, id="the documentation"),
        pytest.param("GET", "/openapi.json", [], b"", {200, 404}, id="the app's description"),
    ],
)
def test_every_response_forbids_browsers_to_guess_its_type(client, method, path, signatures, body, statuses):
    headers = [
        ("Content-Type", "application/json"),
        *(("X-CRM-Signature", signature) for signature in signatures),
    ]

    response = client.request(method, path, content=body, headers=headers)

    assert response.status_code in statuses
    assert response.headers.get("X-Content-Type-Options") == "nosniff"


def test_two_hundred_simultaneous_webhooks_are_all_received_and_logged(launch, values, race):
    server = launch()
    bodies = [body_of(1000 + number, values) for number in range(200)]

    def send(number):
        response = post(server.client, bodies[number], signature_of(bodies[number]))
        lines = server.log.count(f"webhook received bytes={len(bodies[number])}")
        return {"status": response.status_code, "body": response.json(), "lines": lines}

    seen = race(200, send)

    assert seen == [{"status": 202, "body": RECEIVED, "lines": 1}] * 200
    assert server.log.count("webhook received") == 200
