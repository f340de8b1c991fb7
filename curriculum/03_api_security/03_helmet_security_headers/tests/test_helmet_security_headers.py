"""The acceptance tests of curriculum 3.3: one for each criterion of the ticket."""

import re
from base64 import b64encode
from collections import Counter
from contextlib import suppress
from hashlib import sha256, sha384, sha512
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

CSP, REPORT_ONLY = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
HSTS, YEAR = "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
FRAME_OPTIONS = "X-Frame-Options"
TABLE = {
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "0",
    FRAME_OPTIONS: "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NONE, SELF = ["'none'"], ["'self'"]
POLICY = {
    "default-src": NONE,
    "script-src": SELF,
    "style-src": SELF,
    "img-src": SELF,
    "connect-src": SELF,
    "base-uri": NONE,
    "form-action": SELF,
    "frame-ancestors": NONE,
}
PROTECTION = TABLE | {CSP: POLICY}
EXEMPT = {"date", "server"}
OURS = "http://app/"
"""The address of the app, as a browser would have it here."""
FORWARDED = {"X-Forwarded-Proto": "https"}
PROXY, STRANGER = "127.0.0.1", "198.51.100.7"
ORDER = {"product_id": 1, "quantity": 2}
REFUSED = "it ends with another status than 0"
END_SECONDS = 5.0
"""How long an app that has refused its settings may take to end."""


def read_policy(text):
    """Return the directives of a policy with their sources, sorted; see that there is only one policy."""
    assert text is not None, "there is no policy"
    assert "," not in text, "a comma begins another policy"
    parts = [part.split() for part in text.split(";") if part.strip()]
    policy = {name.lower(): sorted(sources) for name, *sources in reversed(parts)}  # the first one counts
    assert len(policy) == len(parts), "a directive is there twice"
    return policy


def policy_of(response, header=CSP):
    """Return the policy of a response."""
    return read_policy(response.headers.get(header))


def table_of(response):
    """Return the values of the headers of the table."""
    return {name: response.headers.get(name) for name in TABLE}


def protection_of(response):
    """Return the values of the headers of the table, and the policy."""
    return table_of(response) | {CSP: policy_of(response)}


def is_page(response):
    """Return whether a browser shows a response as a page; with `nosniff`, it believes the type."""
    return response.headers.get("Content-Type", "").partition(";")[0] == "text/html"


def twice_in(response):
    """Return the names of the headers that a response has more than once."""
    names = Counter(name.lower().decode() for name, _ in response.headers.raw)
    return sorted(name for name, count in names.items() if count > 1 and name not in EXEMPT)


class Page(HTMLParser):
    """What a page loads and runs, as (directive, URL, nonce, text of an inline script)."""

    def __init__(self, text):
        super().__init__()
        self.loads = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "script" and "src" in given:
            self.loads.append(("script-src", urljoin(OURS, given["src"]), given.get("nonce"), None))
        elif tag == "script":
            self.loads.append(("script-src", None, given.get("nonce"), ""))
        elif tag == "link" and given.get("rel") == "stylesheet":
            self.loads.append(("style-src", urljoin(OURS, given["href"]), given.get("nonce"), None))
        elif tag == "link" and given.get("rel") in ("icon", "shortcut icon"):
            self.loads.append(("img-src", urljoin(OURS, given["href"]), None, None))
        elif tag == "img":
            self.loads.append(("img-src", urljoin(OURS, given["src"]), None, None))

    def handle_data(self, data):
        if self.cdata_elem == "script" and self.loads[-1][1] is None:
            directive, url, nonce, text = self.loads[-1]
            self.loads[-1] = (directive, url, nonce, text + data)


def hashes_of(text):
    """Return the sources that allow an inline script by its hash."""
    return {
        f"'{algorithm.__name__.removeprefix('openssl_')}-{b64encode(algorithm(text.encode()).digest()).decode()}'"
        for algorithm in (sha256, sha384, sha512)
    }


def allows(policy, directive, url, nonce=None, text=None):
    """Return whether a policy lets a page load a URL, or run an inline script (CSP Level 3, section 6.7)."""
    sources = policy.get(directive, policy.get("default-src", ["*"]))
    exact = [source for source in sources if re.match("'(nonce|sha[0-9]+)-", source)]
    if nonce and f"'nonce-{nonce}'" in exact:
        return True
    if url is None:
        anything = "'unsafe-inline'" in sources and not exact and "'strict-dynamic'" not in sources
        return anything or bool(hashes_of(text) & set(exact))
    return "'strict-dynamic'" not in sources and any(matches(source, url) for source in sources)


def matches(source, url):
    """Return whether a source is or contains a URL (CSP Level 3, section 6.7.2.8)."""
    target = urlsplit(url)
    if source == "'self'":
        return url.startswith(OURS)
    if source == "*":
        return target.scheme in ("http", "https")
    if re.fullmatch("[a-z+.-]+:", source):
        return source == f"{target.scheme}:"
    wanted = urlsplit(source if "//" in source else f"{target.scheme}://{source}")
    if wanted.scheme != target.scheme or not wanted.hostname:
        return False
    host = target.hostname or ""
    is_host = (
        host.endswith(wanted.hostname[1:]) if wanted.hostname.startswith("*.") else host == wanted.hostname
    )
    is_path = target.path.startswith(wanted.path) if wanted.path.endswith("/") else target.path == wanted.path
    return is_host and wanted.netloc.partition(":")[2] in ("", "443", "*") and (not wanted.path or is_path)


def blocked_by(policy, loads):
    """Return what a page loads that its policy does not allow."""
    return [load for load in loads if not allows(policy, *load)]


def script_sources(response, pattern):
    """Return the sources of scripts that look like this."""
    return {source for source in policy_of(response).get("script-src", []) if re.search(pattern, source)}


def end_of(server):
    """Return how an app's start ends; a request is there first, so that an app which runs is known at once."""
    with suppress(Exception):
        server.client.get("/products")
        return "it answers"
    return {None: "it hangs", 0: "it ends with status 0"}.get(server.wait_end(END_SECONDS), REFUSED)


KINDS = {  # a request for each kind of response, and its status
    "JSON": ("GET", "/products", 200),
    "a page": ("GET", "/products/1/page", 200),
    "an unknown path": ("GET", "/unknown", 404),
    "an unknown method": ("DELETE", "/products", 405),
    "an invalid request": ("POST", "/orders", 422),
    "an unexpected error": ("GET", "/crash", 500),
    "a redirect": ("GET", "/p/1", 307),
    "a file": ("GET", "/static/shop.js", 200),
    "the warehouse": ("GET", "/warehouse/stock", 200),
}
EVERY_KIND = pytest.mark.parametrize(("method", "path", "status"), KINDS.values(), ids=KINDS)


def test_a_response_has_the_headers_of_the_table(client):
    response = client.get("/products")

    assert response.status_code == 200
    assert [(product["id"], product["name"]) for product in response.json()] == [(1, "Mug"), (2, "Plate")]
    assert table_of(response) == TABLE


def test_the_policy_says_what_a_page_may_load(client):
    response = client.get("/products/2/page")

    assert response.status_code == 200
    assert is_page(response)
    assert policy_of(response) == POLICY
    assert response.headers.get(REPORT_ONLY) is None


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        pytest.param("GET", "/unknown", None, id="unknown path"),
        pytest.param("GET", "/products/9", None, id="unknown product"),
        pytest.param("POST", "/orders", {"product_id": 9, "quantity": 1}, id="order of an unknown product"),
        pytest.param("GET", "/static/unknown.js", None, id="unknown file"),
        pytest.param("GET", "/warehouse/unknown", None, id="unknown path of the warehouse"),
    ],
)
def test_a_404_has_the_headers(client, method, path, json):
    response = client.request(method, path, json=json)

    assert response.status_code == 404
    assert protection_of(response) == PROTECTION


def test_an_unknown_method_has_the_headers(client):
    response = client.delete("/products")

    assert response.status_code == 405
    assert protection_of(response) == PROTECTION


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/products/mug"), ("POST", "/orders")], ids=["path", "body"]
)
def test_an_invalid_request_has_the_headers(client, method, path):
    response = client.request(method, path)

    assert response.status_code == 422
    assert protection_of(response) == PROTECTION


def test_an_unexpected_error_has_the_headers(client):
    response = client.get("/crash")

    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert protection_of(response) == PROTECTION


def test_a_redirect_has_the_headers(client):
    response = client.get("/p/2")

    assert response.status_code == 307
    assert response.headers["Location"] == "/products/2/page"
    assert protection_of(response) == PROTECTION


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        pytest.param("GET", {}, 200, id="a file"),
        pytest.param("HEAD", {}, 200, id="its headers"),
        pytest.param("GET", {"Range": "bytes=0-3"}, 206, id="a part of it"),
        pytest.param("GET", {"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"}, 304, id="not modified"),
    ],
)
def test_a_file_has_the_headers(client, method, headers, status):
    response = client.request(method, "/static/shop.js", headers=headers)

    assert response.status_code == status
    assert protection_of(response) == PROTECTION


def test_the_warehouse_has_our_headers(client):
    response = client.get("/warehouse/stock")

    assert response.status_code == 200
    assert response.json() == {"1": 12, "2": 30}
    assert response.headers.get("X-Warehouse") == "north"
    assert protection_of(response) == PROTECTION


@EVERY_KIND
def test_no_header_is_there_twice(client, method, path, status):
    response = client.request(method, path, headers=FORWARDED)

    assert response.status_code == status
    assert twice_in(response) == []
    assert [name for name in (*TABLE, CSP, HSTS) if name not in response.headers] == []


def test_the_suppliers_script_does_not_run_and_ours_does(client):
    response = client.get("/products/1/page")

    assert response.status_code == 200
    assert response.text.count("mugs.example") == 2
    loads = Page(response.text).loads
    inline = [load for load in loads if load[1] is None]
    assert len(inline) == 1
    assert blocked_by(policy_of(response), loads) == inline


def test_no_site_may_frame_another_page(launch):
    server = launch(EMBED_ORIGIN="https://blog.example")

    responses = {
        "a page": server.client.get("/products/2/page"),
        "docs": server.client.get("/docs"),
        "a longer name": server.client.get("/embedded"),
        "below": server.client.get("/embed/1"),
    }

    options = {name: response.headers.get(FRAME_OPTIONS) for name, response in responses.items()}
    assert options == dict.fromkeys(responses, "DENY")
    ancestors = {name: policy_of(response)["frame-ancestors"] for name, response in responses.items()}
    assert ancestors == dict.fromkeys(responses, NONE)


@pytest.mark.parametrize("path", ["/products/1/page", "/embed"])
def test_images_may_come_from_csp_img_sources(launch, path):
    sources = "https://images.example  data: *.cdn.example:8443/shop/"
    server = launch(CSP_IMG_SOURCES=sources, CSP_REPORT_ONLY="0", FORCE_HTTPS="0")

    response = server.client.get(path)

    images = sorted(["'self'", *sources.split()])
    assert policy_of(response) == POLICY | {"img-src": images}


@pytest.mark.parametrize(
    ("path", "ancestors"),
    [
        pytest.param("/products/1/page", NONE, id="a page"),
        pytest.param("/embed", ["https://blog.example"], id="embed"),
    ],
)
def test_report_only_reports_the_whole_policy(launch, path, ancestors):
    server = launch(
        CSP_REPORT_ONLY="1", CSP_IMG_SOURCES="https://images.example", EMBED_ORIGIN="https://blog.example"
    )

    response, docs = server.client.get(path), server.client.get("/docs")

    images = ["'self'", "https://images.example"]
    assert policy_of(response, REPORT_ONLY) == POLICY | {"img-src": images, "frame-ancestors": ancestors}
    assert blocked_by(policy_of(docs, REPORT_ONLY), Page(docs.text).loads) == []


@pytest.mark.parametrize(
    ("path", "ancestors", "options"),
    [
        pytest.param("/warehouse/stock", NONE, "DENY", id="the warehouse"),
        pytest.param("/embed", ["https://blog.example"], None, id="embed"),
        pytest.param("/docs", NONE, "DENY", id="docs"),
    ],
)
def test_report_only_enforces_who_may_frame(launch, path, ancestors, options):
    server = launch(CSP_REPORT_ONLY="1", EMBED_ORIGIN="https://blog.example")

    response = server.client.get(path)

    assert policy_of(response) == {"frame-ancestors": ancestors}
    assert policy_of(response, REPORT_ONLY)["frame-ancestors"] == ancestors
    assert response.headers.get(FRAME_OPTIONS) == options


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [*KINDS.values(), ("GET", "/embed", 200), ("GET", "/docs", 200)],
    ids=[*KINDS, "embed", "docs"],
)
def test_https_responses_have_hsts(client, method, path, status):
    response = client.request(method, path, headers=FORWARDED)

    assert response.status_code == status
    assert response.headers.get(HSTS) == YEAR


@EVERY_KIND
def test_plain_responses_have_no_hsts(client, method, path, status):
    response = client.request(method, path, headers={"X-Forwarded-Proto": "http"})

    assert response.status_code == status
    assert response.headers.get(HSTS) is None
    assert table_of(response) == TABLE


def status_for(server, peer):
    """Return the status of a request that this peer calls HTTPS."""
    return server.client_from(peer).get("/products", headers=FORWARDED).status_code


@pytest.fixture
def forced(launch):
    """Return a server that wants HTTPS, and trusts the default proxy."""
    return launch(FORCE_HTTPS="1", PUBLIC_HOST="corner.example")


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        pytest.param("GET", "/docs", {}, id="a GET"),
        pytest.param("HEAD", "/static/shop.js", {}, id="a HEAD"),
        pytest.param("OPTIONS", "/unknown", {}, id="an OPTIONS"),
        pytest.param("GET", "/embed", {"X-Forwarded-Proto": "http"}, id="forwarded as plain"),
    ],
)
def test_force_https_redirects_plain_requests(forced, method, path, headers):
    response = forced.client.request(method, path, headers=headers)

    assert response.status_code == 308
    assert response.headers.get("Location") == f"https://corner.example{path}"


def test_a_redirected_order_is_not_placed(forced):
    forced.client.post("/orders", json=ORDER, headers=FORWARDED).raise_for_status()

    response = forced.client.post("/orders", json=ORDER)

    assert response.status_code == 308
    assert response.headers.get("Location") == "https://corner.example/orders"
    assert forced.client.get("/orders", headers=FORWARDED).json() == [{"id": 1, **ORDER}]


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/caf%C3%A9%20%2f..%2F?q=%C3%A9+%26%3D%23&sort=b&sort=", id="encoded"),
        pytest.param("//evil.example/products", id="two slashes"),
        pytest.param("/https://evil.example%0d%0aA:%20b?next=//evil.example/%0D%0A", id="a URL"),
    ],
)
def test_the_redirect_keeps_path_and_query(forced, target):
    response = forced.client.get(f"http://app{target}")

    assert response.status_code == 308
    assert response.headers.get("Location") == f"https://corner.example{target}"


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        pytest.param({"PUBLIC_HOST": "corner.example:8443"}, "corner.example:8443", id="set"),
        pytest.param({}, "shop.example", id="default"),
        pytest.param({"PUBLIC_HOST": ""}, "shop.example", id="empty"),
    ],
)
def test_the_redirect_goes_to_public_host(launch, settings, host):
    server = launch(FORCE_HTTPS="1", **settings)
    wrong = {"Host": "a.example", "X-Forwarded-Host": "b.example", "Forwarded": "host=c.example;proto=http"}

    response = server.client.get("/products", headers=wrong)

    assert response.status_code == 308
    assert response.headers.get("Location") == f"https://{host}/products"


@pytest.mark.parametrize(
    ("method", "path", "json", "status"),
    [
        pytest.param("GET", "/products/1/page", None, 200, id="a page"),
        pytest.param("GET", "/p/2", None, 307, id="a redirect of ours"),
        pytest.param("POST", "/orders", ORDER, 201, id="an order"),
        pytest.param("GET", "/crash", None, 500, id="an unexpected error"),
    ],
)
def test_https_requests_are_not_redirected(forced, method, path, json, status):
    response = forced.client.request(method, path, json=json, headers=FORWARDED)

    assert response.status_code == status
    assert protection_of(response) | {HSTS: response.headers.get(HSTS)} == PROTECTION | {HSTS: YEAR}


def test_the_redirect_has_the_headers_but_hsts(forced):
    response = forced.client.get("/products")

    assert response.status_code == 308
    assert protection_of(response) == PROTECTION
    assert response.headers.get(HSTS) is None
    assert twice_in(response) == []


@pytest.mark.parametrize("settings", [{}, {"TRUSTED_PROXIES": ""}], ids=["default", "empty"])
def test_only_a_trusted_proxy_says_what_is_https(launch, settings):
    server = launch(FORCE_HTTPS="1", PUBLIC_HOST="corner.example", **settings)
    server.client_from(PROXY).get("/products", headers=FORWARDED).raise_for_status()

    response = server.client_from(STRANGER).get("/products", headers=FORWARDED | {"X-Forwarded-For": PROXY})

    assert response.status_code == 308
    assert response.headers.get("Location") == "https://corner.example/products"
    assert response.headers.get(HSTS) is None


def test_proxies_are_addresses_and_networks(launch):
    server = launch(FORCE_HTTPS="1", TRUSTED_PROXIES="10.0.0.0/15, 192.0.2.7,2001:db8::1,2001:db8:1::/48")

    statuses = {
        "first of a network": status_for(server, "10.0.0.0"),
        "last of a network": status_for(server, "10.1.255.255"),
        "behind a network": status_for(server, "10.2.0.0"),
        "an address": status_for(server, "192.0.2.7"),
        "a longer address": status_for(server, "192.0.2.77"),
        "another address": status_for(server, "192.0.2.6"),
        "an IPv6 address": status_for(server, "2001:db8::1"),
        "another IPv6 address": status_for(server, "2001:db8::2"),
        "an IPv6 network": status_for(server, "2001:db8:1:2::3"),
        "the default": status_for(server, PROXY),
    }

    assert list(statuses.values()) == [200, 200, 308, 200, 308, 308, 200, 308, 200, 308]


@pytest.mark.parametrize(
    ("settings", "ancestors"),
    [
        pytest.param(
            {"EMBED_ORIGIN": "", "CSP_IMG_SOURCES": "", "CSP_REPORT_ONLY": "", "FORCE_HTTPS": ""},
            NONE,
            id="nobody",
        ),
        pytest.param({"EMBED_ORIGIN": "https://blog.example"}, ["https://blog.example"], id="an origin"),
        pytest.param({"EMBED_ORIGIN": "http://localhost:9000"}, ["http://localhost:9000"], id="with a port"),
    ],
)
def test_only_embed_origin_may_frame_embed(launch, settings, ancestors):
    server = launch(**settings)

    response = server.client.get("/embed")

    assert response.status_code == 200
    assert is_page(response)
    others = {FRAME_OPTIONS: None, CSP: POLICY | {"frame-ancestors": ancestors}}
    assert protection_of(response) == PROTECTION | others


def test_docs_loads_its_scripts_and_styles(client):
    response = client.get("/docs")

    assert response.status_code == 200
    assert is_page(response)
    loads = Page(response.text).loads
    assert {directive for directive, *_ in loads} >= {"script-src", "style-src"}
    assert re.search("""["']/openapi.json["']""", response.text) is not None
    needs = [*loads, ("connect-src", f"{OURS}openapi.json"), ("img-src", "data:image/svg+xml,")]
    assert blocked_by(policy_of(response), needs) == []


@pytest.mark.parametrize(
    "script",
    [
        pytest.param((None, None, "alert(1)"), id="inline"),
        pytest.param((None, "random", "alert(1)"), id="inline with a nonce"),
        pytest.param(("https://evil.example/npm/swagger-ui-dist@5/a.js",), id="another site"),
        pytest.param(("http://cdn.jsdelivr.net.evil.example/a.js",), id="a site like it"),
        pytest.param(("data:text/javascript,alert(1)",), id="a data URL"),
        pytest.param(("blob:http://app/1",), id="a blob"),
    ],
)
def test_docs_runs_no_other_script(client, script):
    response = client.get("/docs")

    assert response.status_code == 200
    policy = policy_of(response)
    assert script_sources(response, r"'unsafe-|\*|^[a-z]+:/*$") == set()
    assert allows(policy, "script-src", *script) is False
    assert script_sources(response, "nonce-") & script_sources(client.get("/docs"), "nonce-") == set()
    assert table_of(response) == TABLE
    others = ("default-src", "base-uri", "form-action", "frame-ancestors")
    assert [policy.get(name) for name in others] == [NONE] * 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("CSP_IMG_SOURCES", "https://images.example; script-src *", id="an image source with ;"),
        pytest.param("CSP_IMG_SOURCES", "https://images.example, data:", id="an image source with a comma"),
        pytest.param("EMBED_ORIGIN", "*", id="any origin"),
        pytest.param("EMBED_ORIGIN", "https://blog.example https://evil.example", id="two origins"),
        pytest.param("EMBED_ORIGIN", "https://blog.example/", id="an origin with a path"),
        pytest.param("EMBED_ORIGIN", "blog.example", id="an origin without a scheme"),
        pytest.param("EMBED_ORIGIN", "ftp://blog.example", id="an origin of another scheme"),
        pytest.param("EMBED_ORIGIN", "https://", id="an origin without a host"),
        pytest.param("PUBLIC_HOST", "https://shop.example", id="a host with a scheme"),
        pytest.param("PUBLIC_HOST", "shop.example/app", id="a host with a path"),
        pytest.param("PUBLIC_HOST", "shop.example@evil.example", id="a host behind a user"),
        pytest.param("PUBLIC_HOST", "shop.example:https", id="a port that is no number"),
        pytest.param("TRUSTED_PROXIES", "127.0.0.1, proxy", id="a proxy without an address"),
        pytest.param("TRUSTED_PROXIES", "2001:db8::/129", id="a network longer than an address"),
        pytest.param("FORCE_HTTPS", "perhaps", id="neither 0 nor 1"),
    ],
)
def test_a_wrong_setting_stops_the_start(launch, name, value):
    server = launch(**{name: value})

    assert end_of(server) == REFUSED
