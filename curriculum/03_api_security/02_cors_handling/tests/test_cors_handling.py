"""The acceptance tests of curriculum 3.2: one for each criterion of the ticket.

What a browser would do is judged as the Fetch standard describes it: its "CORS check", "CORS-preflight fetch" and
"CORS-safelisted response-header name" (https://fetch.spec.whatwg.org).
"""

from contextlib import suppress

import pytest

SHOP, TILL, PARTNER = "https://shop.example", "https://till.example", "https://app.shop.example"
EVIL = "https://evil.test"
METHODS = {"GET", "POST", "PUT", "DELETE"}
HEADERS = {"authorization", "content-type"}
SAFE_METHODS = {"GET", "HEAD", "POST"}  # no browser needs a permission for these
SAFE_HEADERS = {"accept", "accept-language", "content-language", "content-type", "range"}
SAFE_RESPONSE_HEADERS = {
    *("cache-control", "content-language", "content-length", "content-type", "expires", "last-modified"),
    "pragma",
}
JSON, PROBLEM = "application/json", "application/problem+json"
NO_PRICE = b'{"name": "Mug", "price": NaN}'
NO_PAGE = None  # the origin of a request that no page has sent
REFUSED = "it ends with another status than 0"
END_SECONDS = 5.0
"""How long an app that has refused its settings may take to end."""

TRUSTED = pytest.mark.parametrize(
    "origin",
    [
        SHOP,
        TILL,
        PARTNER,
        "https://a.b.shop.example",
        "https://xn--caf-dma.shop.example",
        "https://2-go.shop.example",
        "https://shop.example.shop.example",
    ],
)
UNTRUSTED = pytest.mark.parametrize(
    "origin",
    [
        EVIL,
        pytest.param("null", id="null"),
        pytest.param("http://shop.example", id="another scheme"),
        pytest.param("https://shop.example:8443", id="another port"),
        pytest.param("https://shop.example/", id="a trailing slash"),
        pytest.param("https://shop.example.evil.test", id="a longer domain"),
        pytest.param("https://evilshop.example", id="a longer name"),
        pytest.param("https://evil-shop.example", id="a longer name with a hyphen"),
        pytest.param("https://app.shop-example", id="a hyphen for a dot"),
        pytest.param("https://shop.exampl", id="a part of the setting"),
        pytest.param("https://shop.example,https://till.example", id="the whole setting"),
        pytest.param("https://shop.example https://evil.test", id="two origins"),
        pytest.param("https://evil.test https://app.shop.example", id="two origins, the second is trusted"),
        pytest.param("shop.example", id="no scheme"),
        pytest.param("https://app.till.example", id="below an exact origin"),
        pytest.param("http://app.shop.example", id="a subdomain, another scheme"),
        pytest.param("https://app.shop.example:8443", id="a subdomain, another port"),
        pytest.param("https://app.shop.example/", id="a subdomain, a trailing slash"),
        pytest.param("https://app.shop.example.evil.test", id="a subdomain, a longer domain"),
        pytest.param("https://.shop.example", id="an empty subdomain"),
        pytest.param("https://evil.test/.shop.example", id="the suffix as a path"),
        pytest.param("https://evil.test?.shop.example", id="the suffix as a query"),
        pytest.param("https://evil.test#.shop.example", id="the suffix as a fragment"),
        pytest.param("https://evil.test:443/https://app.shop.example", id="a trusted origin as a path"),
        pytest.param("https://app.shop.example@evil.test", id="a trusted host as a user"),
        pytest.param("https://evil.test@app.shop.example", id="a user"),
        pytest.param("https://app.shop.example.", id="a subdomain, a dot at the end"),
        pytest.param("http://localhost:3000", id="localhost"),
        pytest.param("http://127.0.0.1:5500", id="this machine"),
        pytest.param("chrome-extension://kdmlfnbpgcjaehio", id="an extension"),
        pytest.param("", id="an empty one"),
    ],
)
REQUESTS = [
    pytest.param("PUT", ["content-type"], id="PUT"),
    pytest.param("DELETE", [], id="DELETE"),
    pytest.param("POST", ["content-type"], id="POST"),
    pytest.param("GET", ["authorization"], id="GET with a token"),
    pytest.param("DELETE", ["authorization"], id="DELETE with a token"),
    pytest.param("PUT", ["authorization", "content-type"], id="PUT with a token"),
]
WRITES = [("POST", "/products", 201), ("PUT", "/products/{id}", 200), ("DELETE", "/products/{id}", 204)]
READING_ERRORS = [
    ("GET", "/nothing/here", 404),
    ("GET", "/products/4711000", 404),
    ("GET", "/products/x", 422),
    ("GET", "/products?limit=0", 422),
    ("HEAD", "/products", 405),
]
WRITING_ERRORS = [
    ("PATCH", "/products", 405),
    ("PROPFIND", "/products", 405),
    ("POST", "/products", 422),
    ("POST", "/nothing/here", 404),
    ("DELETE", "/products/4711000", 404),
]
NO_PREFLIGHTS = [
    pytest.param("OPTIONS", "/products", 405, id="OPTIONS"),
    pytest.param("OPTIONS", "/nothing/here", 404, id="OPTIONS of an unknown path"),
]


def new_product(values):
    """Return what a client sends to create a product."""
    return {"name": values.text(), "price": values.randrange(1, 100_000) / 4}


def create_product(client, values):
    """Create a product, as a program that is no page."""
    return client.post("/products", json=new_product(values)).raise_for_status().json()


def list_products(client):
    """Return all products."""
    return client.get("/products").raise_for_status().json()


def sent_by(origin, **headers):
    """Return the headers of a request that a page of this origin sends."""
    return headers | ({} if origin is NO_PAGE else {"Origin": origin})


def preflight(client, origin, method, names=(), path="/products/1"):
    """Ask for a permission as a browser does: it sorts the names of the headers, and puts no blanks between them."""
    names = {"Access-Control-Request-Headers": ",".join(names)} if names else {}
    headers = sent_by(origin) | {"Access-Control-Request-Method": method} | names
    return client.request("OPTIONS", path, headers=headers)


def tokens(response, header):
    """Return the parts of all headers of this name."""
    parts = [part.strip() for value in response.headers.get_list(header) for part in value.split(",")]
    return {part for part in parts if part}


def names_in(response, header):
    """Return the names of headers that all headers of this name list, in lower case."""
    return {name.lower() for name in tokens(response, header)}


def permission(response):
    """Return the two headers that let a page with cookies read a response, as often as they are there."""
    names = ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"]
    return {name: response.headers.get_list(name) for name in names}


def permission_for(origin):
    """Return what a page of this origin, which sends its cookies, needs to read a response (the "CORS check")."""
    return {"Access-Control-Allow-Origin": [origin], "Access-Control-Allow-Credentials": ["true"]}


def lets_in(response, origin):
    """Return the values that let a page of this origin read a response, if only without its cookies."""
    return [value for value in permission(response)["Access-Control-Allow-Origin"] if value in {origin, "*"}]


def refusals(response, origin, method, names=()):
    """Return why a browser does not send what a page with cookies has asked for; if nothing, it sends it.

    With credentials, `*` is the name of a method or a header, and nothing more.
    """
    methods = tokens(response, "Access-Control-Allow-Methods") | SAFE_METHODS
    listed = names_in(response, "Access-Control-Allow-Headers")
    reasons = {
        "the status is not 2xx": not response.is_success,
        "the origin is not allowed": permission(response) != permission_for(origin),
        f"the method {method} is not allowed": method not in methods,
        **{f"the header {name} is not allowed": name not in listed for name in names},
    }
    return [reason for reason, holds in reasons.items() if holds]


def end_of(server):
    """Return how an app's start ends; a request comes first, so that an app which runs is known at once."""
    with suppress(Exception):
        server.client.get("/products")
        return "it answers"
    return {None: "it hangs", 0: "it ends with status 0"}.get(server.wait_end(END_SECONDS), REFUSED)


@pytest.mark.parametrize(("method", "names"), REQUESTS)
@pytest.mark.parametrize("origin", [SHOP, PARTNER])
def test_a_preflight_permits_the_methods_and_headers(client, origin, method, names):
    response = preflight(client, origin, method, names)

    assert refusals(response, origin, method, names) == []


@TRUSTED
def test_every_trusted_origin_is_permitted(client, origin):
    response = preflight(client, origin, "PUT", ["content-type"])

    assert refusals(response, origin, "PUT", ["content-type"]) == []


@pytest.mark.parametrize("path", ["/products", "/products/4711000", "/products/x", "/crash", "/nothing/here"])
def test_every_path_answers_preflights(client, path):
    response = preflight(client, SHOP, "DELETE", ["authorization"], path)

    assert refusals(response, SHOP, "DELETE", ["authorization"]) == []


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "PURGE", "PUTS", "UT", "patch"])
def test_no_other_method_is_permitted(client, method):
    assert refusals(preflight(client, SHOP, "PUT"), SHOP, "PUT") == []

    response = preflight(client, SHOP, method)

    assert refusals(response, SHOP, method) != []


@pytest.mark.parametrize(
    "names",
    [
        ["x-debug"],
        ["authorization", "x-debug"],
        ["content-type", "x-debug"],
        ["authorizations"],
        ["auth"],
        ["content-type-options"],
    ],
    ids=", ".join,
)
def test_no_other_header_is_permitted(client, names):
    allowed = ["authorization", "content-type"]
    assert refusals(preflight(client, SHOP, "PUT", allowed), SHOP, "PUT", allowed) == []

    response = preflight(client, SHOP, "PUT", names)

    assert refusals(response, SHOP, "PUT", names) != []


@pytest.mark.parametrize(("method", "names"), REQUESTS)
def test_a_permission_names_nothing_else(client, method, names):
    response = preflight(client, SHOP, method, names)

    assert refusals(response, SHOP, method, names) == []
    assert tokens(response, "Access-Control-Allow-Methods") - METHODS - SAFE_METHODS == set()
    assert names_in(response, "Access-Control-Allow-Headers") - HEADERS - SAFE_HEADERS == set()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_permission_is_valid_for_an_hour(client, method):
    response = preflight(client, SHOP, method, ["content-type"])

    assert response.headers.get_list("Access-Control-Max-Age") == ["3600"]


@UNTRUSTED
def test_an_untrusted_origin_gets_no_permission(client, origin):
    assert refusals(preflight(client, SHOP, "PUT"), SHOP, "PUT") == []

    response = preflight(client, origin, "PUT")

    assert lets_in(response, origin) == []


@TRUSTED
def test_a_trusted_origin_reads_responses(client, values, origin):
    product = create_product(client, values)

    response = client.get(f"/products/{product['id']}", headers=sent_by(origin))

    assert response.status_code == 200
    assert response.json() == product
    assert permission(response) == permission_for(origin)


@pytest.mark.parametrize(("method", "path", "status"), WRITES)
@pytest.mark.parametrize("origin", [SHOP, PARTNER])
def test_a_trusted_origin_writes(client, values, origin, method, path, status):
    path = path.format(**create_product(client, values))
    before = list_products(client)

    response = client.request(method, path, json=new_product(values), headers=sent_by(origin))

    assert response.status_code == status
    assert permission(response) == permission_for(origin)
    assert list_products(client) != before


@pytest.mark.parametrize(("method", "path", "status"), READING_ERRORS + WRITING_ERRORS + NO_PREFLIGHTS)
def test_a_trusted_origin_reads_errors(client, method, path, status):
    response = client.request(method, path, content=NO_PRICE, headers=sent_by(TILL, **{"Content-Type": JSON}))

    assert response.status_code == status
    assert permission(response) == permission_for(TILL)


@pytest.mark.parametrize("origin", [SHOP, TILL, PARTNER])
def test_a_trusted_origin_reads_a_500(client, origin):
    response = client.get("/crash", headers=sent_by(origin))

    assert response.status_code == 500
    assert response.headers["Content-Type"] == PROBLEM
    assert permission(response) == permission_for(origin)


@pytest.mark.parametrize("origin", [SHOP, PARTNER])
def test_a_page_reads_the_total_and_no_other_header(client, values, origin):
    create_product(client, values)
    create_product(client, values)
    total = len(list_products(client))

    response = client.get("/products?limit=1", headers=sent_by(origin))

    assert response.headers["X-Total-Count"] == str(total)
    assert len(response.json()) == 1
    assert names_in(response, "Access-Control-Expose-Headers") - SAFE_RESPONSE_HEADERS == {"x-total-count"}


@UNTRUSTED
def test_an_untrusted_origin_reads_nothing(client, values, origin):
    product = create_product(client, values)
    path = f"/products/{product['id']}"
    assert permission(client.get(path, headers=sent_by(SHOP))) == permission_for(SHOP)

    response = client.get(path, headers=sent_by(origin))

    assert response.json() == product
    assert lets_in(response, origin) == []


@pytest.mark.parametrize(("method", "path", "status"), [*READING_ERRORS, ("GET", "/crash", 500)])
@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_an_untrusted_origin_reads_no_error(client, origin, method, path, status):
    trusted = client.request(method, path, headers=sent_by(SHOP))
    assert permission(trusted) == permission_for(SHOP)

    response = client.request(method, path, headers=sent_by(origin))

    assert response.status_code == status
    assert lets_in(response, origin) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/products"),
        ("GET", "/products/4711000"),
        ("GET", "/products/x"),
        ("GET", "/nothing/here"),
        ("GET", "/crash"),
        ("GET", "/openapi.json"),
        ("HEAD", "/products"),
        ("OPTIONS", "/products"),
        ("POST", "/products"),
        ("DELETE", "/products/4711000"),
    ],
)
@pytest.mark.parametrize("origin", [NO_PAGE, SHOP, PARTNER, EVIL, "null"])
def test_every_response_varies_by_origin(client, origin, method, path):
    response = client.request(method, path, headers=sent_by(origin))

    assert "origin" in names_in(response, "Vary")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("origin", [SHOP, PARTNER, EVIL, "null"])
def test_every_preflight_varies_by_origin(client, origin, method):
    response = preflight(client, origin, method)

    assert "origin" in names_in(response, "Vary")


@pytest.mark.parametrize("origin", [NO_PAGE, SHOP, EVIL])
def test_compressed_responses_vary_by_encoding_too(client, values, origin):
    client.post("/products", json=new_product(values) | {"name": "Mug " * 200}).raise_for_status()

    response = client.get("/products", headers=sent_by(origin))

    assert {"accept-encoding", "origin"} - names_in(response, "Vary") == set()


@UNTRUSTED
def test_a_write_of_an_untrusted_origin_is_403(client, values, origin):
    before = list_products(client)

    response = client.post("/products", json=new_product(values), headers=sent_by(origin))

    assert response.status_code == 403
    assert response.headers["Content-Type"] == PROBLEM
    assert response.json()["status"] == 403
    assert lets_in(response, origin) == []
    assert list_products(client) == before


@pytest.mark.parametrize(("method", "path"), [write[:2] for write in WRITES])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": "session=2f1d"},
        {"Authorization": "Bearer 2f1d"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Referer": f"{SHOP}/"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"X-Forwarded-Host": "evil.test"},
        {"Access-Control-Request-Method": "GET"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
    ids=lambda headers: " ".join(headers.values()) or "no other header",
)
def test_a_refused_write_changes_nothing(client, values, method, path, headers):
    path = path.format(**create_product(client, values))
    before = list_products(client)

    response = client.request(
        method, path, json=new_product(values), headers=sent_by("http://evil.test", **headers)
    )

    assert response.status_code == 403
    assert list_products(client) == before


@pytest.mark.parametrize(("method", "path"), [error[:2] for error in WRITING_ERRORS])
@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_the_refusal_hides_all_other_errors(client, origin, method, path):
    response = client.request(method, path, headers=sent_by(origin))

    assert response.status_code == 403


@pytest.mark.parametrize("host", ["app", "127.0.0.1:8000", "api.corner.test", "api.corner.test:8443"])
def test_a_page_of_the_app_itself_writes(client, values, host):
    sent = new_product(values)
    refused = client.post("/products", json=sent, headers=sent_by("http://other.test", Host=host))
    assert refused.status_code == 403

    response = client.post("/products", json=sent, headers=sent_by(f"http://{host}", Host=host))

    assert response.status_code == 201
    assert response.json() in list_products(client)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        pytest.param("api.corner.test", "https://api.corner.test", id="another scheme"),
        pytest.param("api.corner.test:8000", "http://api.corner.test:8001", id="another port"),
        pytest.param("api.corner.test:8000", "http://api.corner.test", id="no port"),
        pytest.param("api.corner.test", "http://api.corner.test:8000", id="a port"),
        pytest.param("api.corner.test", "http://api.corner.test.evil.test", id="a longer domain"),
        pytest.param("api.corner.test", "http://evil-api.corner.test", id="a longer name"),
        pytest.param("api.corner.test", "http://evil.api.corner.test", id="a subdomain"),
        pytest.param("api.corner.test", "http://corner.test", id="the domain"),
        pytest.param("api.corner.test", "http://evil.test/api.corner.test", id="the host as a path"),
        pytest.param("api.corner.test", "http://api.corner.test@evil.test", id="the host as a user"),
        pytest.param("api.corner.test", "api.corner.test", id="no scheme"),
    ],
)
def test_a_page_of_nearly_the_same_origin_does_not(client, values, host, origin):
    before = list_products(client)

    response = client.post("/products", json=new_product(values), headers=sent_by(origin, Host=host))

    assert response.status_code == 403
    assert list_products(client) == before


@pytest.mark.parametrize(("method", "path", "status"), WRITES)
def test_without_an_origin_writes_are_ordinary(client, values, method, path, status):
    path = path.format(**create_product(client, values))
    refused = client.request(method, path, json=new_product(values), headers=sent_by(EVIL))
    assert refused.status_code == 403
    before = list_products(client)

    response = client.request(
        method,
        path,
        json=new_product(values),
        headers={"Referer": f"{EVIL}/", "Sec-Fetch-Site": "cross-site"},
    )

    assert response.status_code == status
    assert list_products(client) != before


@pytest.mark.parametrize(
    ("method", "status"), [("GET", 200), ("HEAD", 405), pytest.param("OPTIONS", 405, id="OPTIONS")]
)
@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_other_methods_are_not_refused(client, values, origin, method, status):
    refused = client.post("/products", json=new_product(values), headers=sent_by(origin))
    assert refused.status_code == 403

    response = client.request(method, "/products", headers=sent_by(origin))

    assert response.status_code == status


def test_simultaneous_requests_keep_their_origins(client, values, race):
    path = f"/products/{create_product(client, values)['id']}"
    origins = [SHOP, EVIL, PARTNER, "null", TILL] * 4

    responses = race(20, lambda number: client.delete(path, headers=sent_by(origins[number])))

    allowed = [lets_in(response, origin) for response, origin in zip(responses, origins, strict=True)]
    assert allowed == [[SHOP], [], [PARTNER], [], [TILL]] * 4
    assert sorted(response.status_code for response in responses) == [204, *[403] * 8, *[404] * 11]


OTHER = {
    "CORS_ORIGINS": "http://localhost:5173, https://corner.test:8443,http://127.0.0.1:8000, ",
    "CORS_ORIGIN_SUFFIX": ".corner.test",
}


@pytest.mark.parametrize(
    ("settings", "origin"),
    [
        pytest.param(OTHER, "http://localhost:5173", id="the first"),
        pytest.param(OTHER, "https://corner.test:8443", id="the second"),
        pytest.param(OTHER, "http://127.0.0.1:8000", id="the third"),
        pytest.param(OTHER, "https://app.corner.test", id="a subdomain"),
        pytest.param({"CORS_ORIGINS": ""}, PARTNER, id="subdomains only"),
        pytest.param({"CORS_ORIGIN_SUFFIX": ""}, TILL, id="no subdomains"),
    ],
)
def test_the_settings_name_the_origins(launch, values, settings, origin):
    client = launch(**settings).client

    response = client.post("/products", json=new_product(values), headers=sent_by(origin))

    assert response.status_code == 201
    assert permission(response) == permission_for(origin)


@pytest.mark.parametrize("origin", [SHOP, PARTNER, "https://corner.test"])
def test_only_the_settings_name_origins(launch, values, origin):
    client = launch(**OTHER).client

    response = client.post("/products", json=new_product(values), headers=sent_by(origin))

    assert response.status_code == 403
    assert lets_in(response, origin) == []
    assert lets_in(client.get("/products", headers=sent_by(origin)), origin) == []


@pytest.mark.parametrize("origin", [SHOP, PARTNER, EVIL])
def test_empty_settings_trust_no_origin(launch, values, origin):
    client = launch(CORS_ORIGINS="", CORS_ORIGIN_SUFFIX="").client

    response = client.post("/products", json=new_product(values), headers=sent_by(origin))

    assert response.status_code == 403
    assert lets_in(response, origin) == []
    assert lets_in(client.get("/products", headers=sent_by(origin)), origin) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"CORS_ORIGINS": "*"},
        {"CORS_ORIGINS": "null"},
        {"CORS_ORIGINS": "https://shop.example/"},
        {"CORS_ORIGINS": "https://shop.example/app"},
        {"CORS_ORIGINS": "https://*.shop.example"},
        {"CORS_ORIGINS": "https://shop.example,*"},
        {"CORS_ORIGINS": "shop.example"},
        {"CORS_ORIGINS": "ftp://shop.example"},
        {"CORS_ORIGINS": "https://shop.example:https"},
        {"CORS_ORIGIN_SUFFIX": "shop.example"},
        {"CORS_ORIGIN_SUFFIX": "."},
        {"CORS_ORIGIN_SUFFIX": ".shop.example/"},
        {"CORS_ORIGIN_SUFFIX": "*"},
    ],
    ids=lambda settings: " ".join(f"{name}={value}" for name, value in settings.items()),
)
def test_a_setting_that_is_no_origin_stops_the_start(launch, settings):
    server = launch(**settings)

    assert end_of(server) == REFUSED
