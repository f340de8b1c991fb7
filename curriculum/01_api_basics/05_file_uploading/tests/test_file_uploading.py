"""The acceptance tests of curriculum 1.5: one for each criterion of the ticket."""

import re
from contextlib import suppress
from hashlib import sha256
from urllib.parse import unquote
from uuid import UUID

import pytest

JSON, PROBLEM = "application/json", "application/problem+json"
PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
TYPES = {PNG: "image/png", JPEG: "image/jpeg", PDF: "application/pdf"}
LIMIT = 5_242_880
TOLERANCE = 1024 * 1024  # so many bytes more must be enough for a 413
OTHER_FIELDS = 32_600  # with their headers, not quite 32 KiB
PATIENCE = 4.0
"""Seconds within which something must happen that waits for nothing."""
BOUNDARY = "----boundary-of-a-form"
END = f"\r\n--{BOUNDARY}--\r\n".encode()
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
KEPT_NAMES = [
    "Größe 100 %.png",
    "価格表.pdf",
    "🦊\u200d.jpg",
    "e\u0301 é.png",
    "a%2Fb%20c+d.png",
    "two  blanks, a;b=c &amp; <b>.PNG",
    "it's.png",
    ".hidden",
    "no ending",
    "CON",
    " blanks and a dot .",
    " ",
    "C: 1*2|3?.png",
    "1\uff0f2\uff3c3.png",
    "no\xa0break \u202egnp.exe",
    "x" * 100,
]
CLEANED_NAMES = [
    ("../../x.png", "x.png"),
    ("..\\..\\x.png", "x.png"),
    ("a/b\\c/x.png", "x.png"),
    ("a\\b/c\\x.png", "x.png"),
    ("/etc/passwd", "passwd"),
    ("d" * 200 + "/x.png", "x.png"),
    ("a\x00b\x1fc\x7fd\te.png", "abcde.png"),
    ("\x01" * 50 + "y" * 100, "y" * 100),
    ("x" * 101, "x" * 100),
    ("abc" * 100, "abc" * 33 + "a"),
    ("🦊" * 300, "🦊" * 100),
    ("", "upload"),
    ("a/", "upload"),
    ("\x01\x02", "upload"),
    ("a/\x01", "upload"),
]
PLAIN_NAME = re.compile(r';\s*filename\s*=\s*(?:"((?:[ !#-\[\]-~]|\\[ -~])*)"|([!#-:<-~]+))', re.IGNORECASE)
EXTENDED_NAME = re.compile(r";\s*filename\*\s*=\s*UTF-8'[^']*'([^\s;]+)", re.IGNORECASE)


def part(content, name="x.png", claimed="image/png"):
    """Return the beginning of a form, up to the end of its file."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
    head += f"Content-Type: {claimed}\r\n" if claimed else ""
    return f"--{BOUNDARY}\r\n{head}\r\n".encode() + content


def form(content, **more):
    """Return a form with one file."""
    return part(content, **more) + END


def field(name, text, more=""):
    """Return another field of a form, which comes before its file."""
    head = f'Content-Disposition: form-data; name="{name}"{more}\r\n'
    return f"--{BOUNDARY}\r\n{head}\r\n{text}\r\n".encode()


def send(client, body, *, streamed=False):
    """Send a form as it is; streamed, its length is not announced."""
    return client.post("/upload", content=iter([body]) if streamed else body, headers=FORM)


def upload(client, content, **more):
    """Upload a file; a test that fails here says which status it got."""
    return client.post("/upload", content=form(content, **more), headers=FORM).raise_for_status().json()


def file_of(values, size, signature=PNG):
    """Return a file of so many bytes, as no other test sends it: in ASCII, so that a report can show it."""
    return signature + values.randbytes(size).hex().encode()[: size - len(signature)]


def digest(content):
    """Return what stands for a long content in a report."""
    return f"{len(content)} bytes with the SHA-256 {sha256(content).hexdigest()}"


def request_of(body, *, length=None):
    """Return a whole request, or only its beginning if its length is announced; else it has no end."""
    framing = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    head = f"POST /upload HTTP/1.1\r\nHost: shop\r\nContent-Type: {FORM['Content-Type']}\r\n{framing}\r\n\r\n"
    return head.encode() + (b"" if length else b"%x\r\n" % (len(body) + LIMIT)) + body


def status_of_unfinished(server, request):
    """Send the beginning of a request, wait for the response, and return its status; `None` if none arrives."""
    response = b""
    with server.connect(PATIENCE) as connection:
        with suppress(OSError):  # the app may have closed the connection before all of it is sent
            connection.sendall(request)
        with suppress(OSError):
            response = connection.recv(4096)
    return int(response.split()[1]) if response else None


def break_off(server, request):
    """Send the beginning of a request, and close the connection."""
    with server.connect(PATIENCE) as connection:
        connection.sendall(request)


def new_files(server, before):
    """Return the files that the app has stored since then, temporary ones among them."""
    return [name for name in server.files.names() if name not in before]


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def name_in(response):
    """Return the name that a browser gives to a download (RFC 6266, section 4.3)."""
    header = response.headers.get("Content-Disposition", "")
    plain, extended = PLAIN_NAME.search(header), EXTENDED_NAME.search(header)
    quoted = plain and re.sub(r"\\(.)", r"\1", plain[1] or plain[2] or "")
    return unquote(extended[1], errors="strict") if extended else quoted


def test_a_new_upload_is_returned_with_201(client):
    response = send(client, form(b"%PDF-1.7", name="price list.pdf", claimed="application/pdf"))

    assert response.status_code == 201
    assert media_type(response) == JSON
    upload_id = response.json()["id"]
    assert str(UUID(upload_id)) == upload_id
    assert response.json() == {
        "id": upload_id,
        "name": "price list.pdf",
        "content_type": "application/pdf",
        "size": 8,
        "url": f"/files/{upload_id}",
    }


@pytest.mark.parametrize("signature", TYPES, ids=TYPES.values())
def test_the_url_of_an_upload_leads_to_its_bytes(client, values, signature):
    content = (
        signature + values.randbytes(100_000) + bytes(range(256)) + f"\r\n--{BOUNDARY[:-1]}\r\n".encode()
    )
    content += b"<?php" + PNG + JPEG + PDF
    first = upload(client, content)
    later = [upload(client, file_of(values, 1000, other)) for other in TYPES]

    response = client.get(first["url"])

    assert response.status_code == 200
    assert digest(response.content) == digest(content)
    assert first["size"] == len(content)
    assert [one["size"] for one in later] == [1000] * 3


@pytest.mark.parametrize("claimed", ["", "text/html", "application/octet-stream", *TYPES.values()])
@pytest.mark.parametrize("signature", TYPES, ids=TYPES.values())
def test_the_first_bytes_decide_on_the_type(client, signature, claimed):
    response = send(client, form(signature, claimed=claimed, name=f"x.{claimed.partition('/')[2]}"))

    assert response.status_code == 201
    assert response.json()["content_type"] == TYPES[signature]
    assert response.json()["size"] == len(signature)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<html><script>alert(1)</script>", id="HTML"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="SVG"),
        pytest.param(b"GIF89a\1\0\1\0", id="GIF"),
        pytest.param(b"RIFF\x1a\0\0\0WEBPVP8L", id="WebP"),
        pytest.param(b"PK\x03\x04", id="ZIP"),
        pytest.param(b"PNG\r\n\x1a\n", id="a PNG without its first byte"),
        pytest.param(PNG[:-1], id="a PNG that ends in its signature"),
        pytest.param(PNG.replace(b"\r\n", b"\n"), id="a PNG with changed line breaks"),
        pytest.param(PNG[:4] + bytes(10), id="half of the signature of a PNG"),
        pytest.param(JPEG[:-1] + b"\0", id="half of the signature of a JPEG"),
        pytest.param(b"%PDF 1.7", id="a PDF without its hyphen"),
        pytest.param(b"%pdf-1.7", id="a PDF in lower case"),
        pytest.param(b"\n" + PDF, id="a PDF after a line break"),
        pytest.param(b"\xef\xbb\xbf" + PDF, id="a PDF after a byte order mark"),
        pytest.param(b"<html>" + PNG + JPEG + PDF, id="all signatures later"),
        pytest.param(b"\0", id="a zero byte"),
        pytest.param(b" \r\n\t", id="blanks"),
    ],
)
@pytest.mark.parametrize(("name", "claimed"), [("x.png", "image/png"), ("x.pdf", "application/pdf")])
def test_any_other_file_is_415(client, content, name, claimed):
    response = send(client, form(content, name=name, claimed=claimed))

    assert response.status_code == 415


@pytest.mark.parametrize(
    ("streamed", "others"),
    [(False, 0), (True, 0), (True, OTHER_FIELDS)],
    ids=["announced", "streamed", "with other fields"],
)
def test_a_file_may_have_5_mb(fresh_client, values, streamed, others):
    content = file_of(values, LIMIT, PDF)

    response = send(fresh_client, field("note", "x" * others) + form(content), streamed=streamed)

    assert response.status_code == 201
    assert response.json()["size"] == LIMIT
    assert digest(fresh_client.get(response.json()["url"]).content) == digest(content)


@pytest.mark.parametrize("size", [LIMIT + 1, 3 * LIMIT], ids=["one byte", "ten megabytes"])
@pytest.mark.parametrize("streamed", [False, True], ids=["announced", "streamed"])
def test_a_larger_file_is_413(client, size, streamed):
    response = send(client, form(PDF.ljust(size, b".")), streamed=streamed)

    assert response.status_code == 413


@pytest.mark.parametrize("length", [None, 10 * LIMIT], ids=["streamed", "announced"])
def test_a_larger_file_is_413_before_it_ends(launch, length):
    server = launch()
    body = part(PDF).ljust(LIMIT + TOLERANCE, b".")

    status = status_of_unfinished(server, request_of(body, length=length))

    assert status == 413


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(form(b""), FORM, id="an empty file"),
        pytest.param(form(b"", name=""), FORM, id="no file chosen"),
        pytest.param(field("other", "x", '; filename="x.png"') + END[2:], FORM, id="a file of another name"),
        pytest.param(field("File", "%PDF-1.7", '; filename="x"') + END[2:], FORM, id="File instead of file"),
        pytest.param(field("file", "%PDF-1.7") + END[2:], FORM, id="text instead of a file"),
        pytest.param(
            form(PDF), {"Content-Type": f"multipart/mixed; boundary={BOUNDARY}"}, id="multipart/mixed"
        ),
        pytest.param(
            b"file=%25PDF-1.7", {"Content-Type": "application/x-www-form-urlencoded"}, id="no file form"
        ),
        pytest.param(b'{"file": "%PDF-1.7"}', {"Content-Type": JSON}, id="JSON"),
        pytest.param(b"%PDF-1.7", {"Content-Type": "application/pdf"}, id="the file alone"),
        pytest.param(b"", {}, id="nothing"),
    ],
)
def test_an_empty_or_missing_file_is_422(client, body, headers):
    before = upload(client, PNG)

    response = client.post("/upload", content=body, headers=headers)

    assert response.status_code == 422
    assert before["size"] == len(PNG)


@pytest.mark.parametrize("claimed", ["text/html", "image/svg+xml"])
@pytest.mark.parametrize("signature", TYPES, ids=TYPES.values())
def test_a_download_is_an_attachment_of_the_detected_type(client, signature, claimed):
    stored = upload(client, signature + b"<script>", claimed=claimed, name="x.html")

    response = client.get(stored["url"])

    assert response.status_code == 200
    assert response.headers.get("Content-Type") == TYPES[signature]
    assert response.headers.get("Content-Disposition", "").partition(";")[0].strip().lower() == "attachment"
    assert response.headers.get("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize("name", KEPT_NAMES, ids=ascii)
def test_names_are_kept(client, name):
    response = send(client, form(PNG, name=name))

    assert response.status_code == 201
    assert response.json()["name"] == name


@pytest.mark.parametrize(("name", "cleaned"), CLEANED_NAMES, ids=[ascii(name) for name, _ in CLEANED_NAMES])
def test_names_are_cleaned(client, name, cleaned):
    response = send(client, form(PNG, name=name))

    assert response.status_code == 201
    assert response.json()["name"] == cleaned


@pytest.mark.parametrize("name", [*KEPT_NAMES, "../x.png", ""], ids=ascii)
def test_a_download_has_the_name(client, name):
    stored = upload(client, PNG, name=name)

    response = client.get(stored["url"])

    assert response.status_code == 200
    assert name_in(response) == stored["name"]
    assert stored["name"] == (name.rpartition("/")[2] or "upload")


@pytest.mark.parametrize(("how", "warm"), [("restart", False), ("kill", True)], ids=["restart", "kill"])
def test_uploads_survive_a_restart(launch, values, how, warm):
    server = launch()
    content = file_of(values, 70_000, JPEG)
    stored = upload(server.client, content, name="Größe.jpg", claimed="text/html")
    before = server.client.get(stored["url"]).raise_for_status()

    getattr(server, how)(warm=warm)
    upload(server.client, PNG)

    after = server.client.get(stored["url"])
    assert after.status_code == 200
    assert digest(after.content) == digest(content)
    assert after.headers.get("Content-Type") == "image/jpeg"
    assert name_in(after) == "Größe.jpg"
    assert digest(before.content) == digest(content)


@pytest.mark.parametrize(
    ("given", "folder"),
    [({}, "uploads"), ({"UPLOAD_DIR": "some/folder"}, "some/folder")],
    ids=["by default", "as set"],
)
def test_uploads_are_stored_in_upload_dir(launch, given, folder):
    server = launch(**given)
    stored = upload(server.client, PNG)
    for name in server.files.names():
        if not name.startswith(f"{folder}/"):  # it is no part of an upload, so nobody misses it
            server.files.remove(name)

    server.restart(warm=True, UPLOAD_DIR="another")
    elsewhere = server.client.get(stored["url"])
    server.restart(warm=True, UPLOAD_DIR=folder)

    after = server.client.get(stored["url"])
    assert after.status_code == 200
    assert after.content == PNG
    assert elsewhere.status_code == 404


@pytest.mark.parametrize("name", ["note.png", "../note.png", "..\\note.png", "new.png", "../new.png", "CON"])
def test_no_client_chooses_a_name_on_disk(launch, name):
    server = launch(UPLOAD_DIR="uploads", files={"note.png": "ours", "uploads/note.png": "ours"})
    last = re.split(r"[/\\]", name)[-1]
    places = [f"uploads/{name}", f"uploads/{last}", last]
    before = [server.files.read(place) for place in places]

    response = send(server.client, form(PDF, name=name))

    assert response.status_code == 201
    assert [server.files.read(place) for place in places] == before


@pytest.mark.parametrize("which", range(4))
def test_two_uploads_of_one_name_are_two_files(client, values, which):
    contents = [file_of(values, 1000), file_of(values, 1000), file_of(values, 1000, PDF)]
    contents.append(contents[0])
    stored = [upload(client, content, name="same.png") for content in contents]

    response = client.get(stored[which]["url"])

    assert response.status_code == 200
    assert digest(response.content) == digest(contents[which])
    assert [one["name"] for one in stored] == ["same.png"] * 4
    assert len({one["id"] for one in stored}) == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(form(b"GIF89a".ljust(3_000_000, b".")), 415, id="another type"),
        pytest.param(form(b""), 422, id="empty"),
        pytest.param(form(PDF.ljust(LIMIT + 1, b".")), 413, id="one byte too many"),
        pytest.param(form(PDF.ljust(3 * LIMIT, b".")), 413, id="far too large"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True], ids=["announced", "streamed"])
def test_a_refused_upload_leaves_no_file(launch, body, status, streamed):
    server = launch(TMPDIR=".")
    stored = upload(server.client, PNG)
    before = server.files.names()

    response = send(server.client, body, streamed=streamed)

    assert response.status_code == status
    assert new_files(server, before) == []
    assert server.client.get(stored["url"]).content == PNG


@pytest.mark.parametrize("length", [None, LIMIT], ids=["streamed", "announced"])
def test_an_upload_that_breaks_off_leaves_no_file(launch, eventually, length):
    server = launch(TMPDIR=".")
    stored = upload(server.client, PNG)
    before = server.files.names()

    break_off(server, request_of(part(PNG.ljust(4_000_000, b".")), length=length))

    eventually(lambda: new_files(server, before), [], seconds=PATIENCE)
    assert server.client.get(stored["url"]).content == PNG


def test_a_form_without_its_end_leaves_no_file(launch):
    server = launch(TMPDIR=".")
    stored = upload(server.client, PNG)
    before = server.files.names()

    response = send(server.client, part(PDF.ljust(2_000_000, b".")))

    assert response.status_code in {400, 422}
    assert new_files(server, before) == []
    assert server.client.get(stored["url"]).content == PNG


def test_of_twenty_uploads_at_once_each_is_stored(client, values, race, at_once):
    contents = [file_of(values, 50_000, signature) for signature in [*TYPES] * 6 + [PNG, PDF]]

    responses = race(20, lambda number: send(client, form(contents[number], name="same.png")))

    assert [one.status_code for one in responses] == [201] * 20
    stored = [one.json() for one in responses]
    files = at_once(20, lambda number: client.get(stored[number]["url"]))
    assert [digest(one.content) for one in files] == [digest(one) for one in contents]
    assert [one.headers.get("Content-Type") for one in files] == [one["content_type"] for one in stored]


@pytest.mark.parametrize("count", [0, 400])
@pytest.mark.parametrize("place", ["before", "after"])
def test_other_fields_are_ignored(client, place, count):
    others = {"id": "1", "name": "other.pdf", "content_type": "text/html", "size": "1", "url": "/"}
    others |= {"filename": "other.pdf"} | {f"f{number}": "" for number in range(count)}
    fields = b"".join(field(name, text) for name, text in others.items())
    fields += field("other", "GIF89a", '; filename="other.gif"')
    own = part(PNG, name="own.png")
    body = {"before": fields + own + END, "after": own + b"\r\n" + fields + END[2:]}[place]

    response = send(client, body)

    assert response.status_code == 201
    stored = response.json()
    own = {"name": "own.png", "content_type": "image/png", "size": len(PNG), "url": f"/files/{stored['id']}"}
    assert stored == {"id": stored["id"], **own}
    assert client.get(stored["url"]).content == PNG


@pytest.mark.parametrize("number", [0, None, 2**128 - 1], ids=["nil", "random", "max"])
def test_an_unknown_id_is_404(client, values, number):
    upload_id = UUID(int=values.getrandbits(128) if number is None else number)
    stored = upload(client, PNG)

    response = client.get(f"/files/{upload_id}")

    assert response.status_code == 404
    assert client.get(stored["url"]).content == PNG


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "x",
        "x.png",
        "{id}.png",
        "{id}.json",
        "{id}x",
        "%2e%2e%2fnote.png",
        "..%2Fnote.png",
        "..%5Cnote.png",
        "{id}%00",
        "x" * 300,
    ],
    ids=lambda text: text[:20],
)
def test_nothing_but_an_id_leads_to_a_file(launch, text):
    server = launch(files={"note.png": "ours", "uploads/x.png": "ours", "uploads/x": "ours"})
    stored = upload(server.client, PNG, name="x.png")

    response = server.client.get(f"/files/{text.format_map(stored)}")

    assert response.status_code in {404, 422}
    assert server.client.get(stored["url"]).content == PNG


@pytest.mark.parametrize(
    ("method", "path", "body", "statuses"),
    [
        pytest.param("POST", "/upload", form(b"GIF89a"), {415}, id="415"),
        pytest.param("POST", "/upload", form(b""), {422}, id="empty file"),
        pytest.param("POST", "/upload", b"", {422}, id="missing file"),
        pytest.param("POST", "/upload", part(PNG), {400, 422}, id="no end"),
        pytest.param("GET", f"/files/{UUID(int=1)}", b"", {404}, id="unknown id"),
        pytest.param("GET", "/files/x.png", b"", {404, 422}, id="no id"),
        pytest.param("GET", "/unknown", b"", {404}, id="unknown path"),
        pytest.param("PUT", "/upload", form(PNG), {405}, id="wrong method"),
    ],
)
def test_errors_are_problem_details(client, method, path, body, statuses):
    stored = upload(client, PNG)

    response = client.request(method, path, content=body, headers=FORM)

    assert response.status_code in statuses
    assert media_type(response) == PROBLEM
    problem = response.json()
    assert problem["status"] == response.status_code
    assert [type(problem[name]) for name in ("type", "title", "detail")] == [str, str, str]
    assert stored["size"] == len(PNG)
