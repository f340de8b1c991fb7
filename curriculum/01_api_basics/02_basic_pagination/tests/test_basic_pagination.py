"""The acceptance tests of curriculum 1.2: one for each criterion of the ticket."""

import json
import re
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest

JSON = "application/json"
MUG = {"name": "Mug", "description": None, "price": 12.5, "stock": 0}
CUP = {"name": "Cup", "description": "Blue", "price": 9.99, "stock": 3}
LINK = re.compile(r'(?:^|,)\s*<([^>]*)>((?:[^",<]|"(?:[^"\\]|\\.)*")*)(?=,|$)')
RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
URI_REFERENCE = re.compile(r"([\w.~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+", re.ASCII)
RELATIONS = ["first", "last", "next", "prev"]
FAR = [10**9, 2**31, 2**63, 10**18, 10**29]
WRONG_NUMBERS = ["0", "-1", "abc", "", " ", "1.5", "1x", "null", "0x1", "\u00b2"]
ODD_TEXTS = [
    *[
        "100%",
        "50%41",
        "%",
        "%%20",
        "a&b",
        "a&page=9",
        "a=b",
        "a+b",
        "two words",
        " blanks ",
        "#1",
        "a?b",
        "a/b",
    ],
    *[
        "a;b",
        "a, b",
        "<b>",
        '"quoted"',
        'x>; rel="next", <y',
        "back\\slash",
        "Käse",
        "\u5317\u4eac",
        "\U0001f600",
    ],
]


def create(client, **fields):
    """Create a product and return it; a test that fails here says which status it got."""
    return client.post("/products", json=fields).raise_for_status().json()


def create_named(client, *names):
    """Create a product for each name, in this order."""
    return [create(client, name=name, price=number + 0.5) for number, name in enumerate(names)]


def fetch(client, **params):
    """Return a page, as JSON."""
    return client.get("/products", params=params).raise_for_status().json()


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


def targets_of(response):
    """Return the links of a response (RFC 8288), as pairs of a relation and what stands in <>, sorted by relation."""
    header = ", ".join(response.headers.get_list("Link"))
    found = [
        (relation.lower(), target)
        for target, parameters in LINK.findall(header)
        for quoted, token in RELATION.findall(parameters)[:1]
        for relation in (quoted or token).split()
    ]
    return sorted(link for link in found if link[0] in RELATIONS)


def relations_of(response):
    """Return the relations of a response's links, sorted."""
    return [relation for relation, _ in targets_of(response)]


def link_to(relation, response):
    """Return the URL of the link with this relation."""
    return urljoin(str(response.url), dict(targets_of(response))[relation])


def walk(client, path, relation):
    """Return the items of a page and of those behind it, following one relation from page to page."""
    pages = []
    while path is not None and len(pages) < 20:
        response = client.get(path).raise_for_status()
        pages.append(response.json()["items"])
        path = link_to(relation, response) if relation in relations_of(response) else None
    return pages


@pytest.fixture
def name(values):
    """Return a text that no other test has in a name."""
    return values.text()


@pytest.fixture
def five_before(client):
    """Create five products: the ids after them are sorted differently as numbers and as strings."""
    return create_named(client, *["Mug"] * 5)


@pytest.fixture
def seven(client, name):
    """Create seven products, and two others between them; no field but the id is in the order of the ids."""
    products = []
    for letter, price in zip("MZAK-B-XC", [4.5, 9.5, 1.5, 7.5, 5.5, 3.5, 6.5, 8.5, 2.5], strict=True):
        text = "Mug" if letter == "-" else f"{name} {letter}"
        new = {"name": text, "description": f"{price}", "price": price, "stock": int(price)}
        products.append(client.post("/products", json=new).raise_for_status().json())
    return [product for product in products if product["name"] != "Mug"]


def test_a_page_holds_its_products_and_numbers(fresh_client):
    mug, cup = create(fresh_client, name="Mug", price=12.5), create(fresh_client, **CUP)

    response = fresh_client.get("/products?size=1&page=1")

    assert response.status_code == 200
    assert media_type(response) == JSON
    assert response.json() == {"items": [mug], "page": 1, "size": 1, "total": 2, "pages": 2}
    assert mug == {"id": mug["id"], **MUG}
    assert cup == {"id": cup["id"], **CUP}


@pytest.mark.parametrize(
    "query", ["", "?page=1", "?size=20", "?name=", "?colour=blue", "?limit=1&offset=1&q=x", "?Page=2&SIZE=1"]
)
def test_page_1_and_size_20_are_the_defaults(fresh_client, query):
    products = create_named(fresh_client, *[f"Mug {number}" for number in range(21)])

    response = fresh_client.get(f"/products{query}")

    assert response.status_code == 200
    assert response.json() == {"items": products[:20], "page": 1, "size": 20, "total": 21, "pages": 2}


@pytest.mark.parametrize(
    ("page", "size", "start", "end"),
    [(1, 3, 0, 3), (2, 3, 3, 6), (3, 3, 6, 7), (1, 7, 0, 7), (7, 1, 6, 7), (2, 6, 6, 7), (2, 5, 5, 7)],
)
@pytest.mark.usefixtures("five_before")
def test_a_page_holds_the_products_of_its_place_sorted_by_id(client, seven, name, page, size, start, end):
    response = client.get("/products", params={"page": page, "size": size, "name": name})

    assert response.status_code == 200
    assert response.json()["items"] == seven[start:end]


@pytest.mark.parametrize(
    ("size", "pages"), [(1, 7), (2, 4), (3, 3), (4, 2), (6, 2), (7, 1), (8, 1), (100, 1)]
)
@pytest.mark.usefixtures("seven")
def test_total_counts_all_products_and_pages_rounds_up(client, name, size, pages):
    response = client.get("/products", params={"size": size, "name": name})

    assert response.status_code == 200
    numbers = {key: value for key, value in response.json().items() if key != "items"}
    assert numbers == {"page": 1, "size": size, "total": 7, "pages": pages}


@pytest.mark.parametrize("page", [4, 5, *FAR])
@pytest.mark.usefixtures("seven")
def test_a_page_beyond_the_end_is_empty(client, name, page):
    response = client.get("/products", params={"page": page, "size": 3, "name": name})

    assert response.status_code == 200
    assert response.json() == {"items": [], "page": page, "size": 3, "total": 7, "pages": 3}


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ("", 1, 20),
        ("?page=1&size=1", 1, 1),
        ("?page=2&name=mug", 2, 20),
        (f"?page={10**18}&size=100", 10**18, 100),
    ],
)
def test_an_empty_list_has_no_pages_and_no_link(fresh_client, query, page, size):
    mug = create(fresh_client, **MUG)
    before = fetch(fresh_client)
    fresh_client.delete(f"/products/{mug['id']}").raise_for_status()

    response = fresh_client.get(f"/products{query}")

    assert response.status_code == 200
    assert response.json() == {"items": [], "page": page, "size": size, "total": 0, "pages": 0}
    assert "Link" not in response.headers
    assert before["items"] == [mug]


@pytest.mark.parametrize("size", [1, 100])
def test_a_page_holds_1_to_100_products(client, at_once, name, size):
    at_once(101, lambda _: create(client, name=name, price=1))

    response = client.get("/products", params={"size": size, "name": name})

    assert response.status_code == 200
    assert len(response.json()["items"]) == size
    assert response.json()["size"] == size


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        *[("page", text) for text in [*WRONG_NUMBERS, f"-{10**18}"]],
        *[("size", text) for text in [*WRONG_NUMBERS, f"-{10**18}"]],
        *[("size", text) for text in ["101", "102", "1000", f"{2**63}", f"{10**18}"]],
    ],
)
@pytest.mark.parametrize(("wanted", "total"), [("{}", 1), ("{} x", 0)], ids=["of one product", "of none"])
def test_any_other_page_or_size_is_422(client, name, parameter, text, wanted, total):
    product = create(client, name=name, price=1)
    query = {"page": 1, "size": 2, "name": wanted.format(name)}
    right = client.get("/products", params=query)

    response = client.get("/products", params=query | {parameter: text})

    assert response.status_code == 422
    assert right.status_code == 200
    assert right.json()["items"] == [product][:total]


@pytest.mark.parametrize("stored", ["{}", "{} M", "M {}", "M {} M", "{}x", "x{}", "x{}x"])
def test_the_filter_finds_a_text_anywhere_in_a_name(client, name, stored):
    others = ["Mug", name[1:], name[:-1], " ".join(reversed(name.split()))]
    product, *_, newest = create_named(client, stored.format(name), *others, stored.format(name))
    create(client, name="Mug", description=name, price=1)

    response = client.get("/products", params={"name": name})

    assert response.status_code == 200
    assert response.json()["items"] == [product, newest]


@pytest.mark.parametrize("wanted", [str.upper, str.lower, str.title, str.swapcase])
@pytest.mark.parametrize("stored", [str.upper, str.lower, str.title, str.swapcase])
def test_the_filter_ignores_the_case_of_a_to_z(client, name, wanted, stored):
    text = f"{name} abcdefghijklmnopqrstuvwxyz"
    product = create(client, name=stored(text), price=1)

    response = client.get("/products", params={"name": wanted(text)})

    assert response.status_code == 200
    assert response.json()["items"] == [product]


@pytest.mark.parametrize(
    ("wanted", "found", "other"),
    [
        ("{}%", "{}%", "{}x"),
        ("{}%z", "{}%z", "{} and z"),
        ("{}_", "{}_", "{}x"),
        ("{}*", "{}*", "{}x"),
        ("{}?", "{}?", "{}"),
        ("{}.", "{}.", "{}x"),
        ("{}+", "{}+", "{} "),
        ("{}[", "{}[", "{}{{"),
        ("{}@", "{}@", "{}`"),
        ("{}(", "{}(", "{}x"),
        ("{}|x", "{}|x", "{}"),
        ("{}\\", "{}\\", "{}x"),
        ("{}\\d", "{}\\d", "{}1"),
        ("{}'", "{}'", "{}x"),
        ("{}''", "{}''", "{}'"),
        ("{}&x", "{}&x", "{}x"),
        ("{}%41", "{}%41", "{}A"),
        ("{}\u00e9", "{}\u00e9", "{}e"),
        ("{}\u00e9", "{}\u00e9", "{}e\u0301"),
        ("^{}", "^{}", "{}"),
        ("{} ", "{} x", "{}x"),
        (" {}", "x {}", "x{}"),
        ("{}  x", "{}  x", "{} x"),
        ("M {}", "M {}", "{} M"),
        ("{}\u00a0x", "{}\u00a0x", "{} x"),
        ("{}\nx", "{}\nx", "{} x"),
        ("{}\u2019", "{}\u2019", "{}'"),
        ('"{}"', '"{}"', "{}"),
        ("-{}", "-{}", "{}"),
    ],
)
def test_other_characters_stand_for_themselves(client, name, wanted, found, other):
    _, product, _ = create_named(client, *[one.format(name) for one in (other, found, other)])

    response = client.get("/products", params={"name": wanted.format(name)})

    assert response.status_code == 200
    assert response.json()["items"] == [product]


@pytest.mark.parametrize("wanted", list(" 01%_.*?+&#"))
def test_a_single_character_filters_too(fresh_client, wanted):
    _, product, _ = create_named(fresh_client, "Mug", f"Mug{wanted}s", "Cup")

    response = fresh_client.get("/products", params={"name": wanted})

    assert response.status_code == 200
    assert response.json() == {"items": [product], "page": 1, "size": 20, "total": 1, "pages": 1}
    assert fresh_client.get(link_to("last", response)).json() == response.json()


@pytest.mark.parametrize("length", [81, 1_000, 5_000])
def test_a_filter_may_find_nothing(client, seven, name, length):
    longest = create(client, name=f"{name:x<80}", price=1)

    response = client.get("/products", params={"name": f"{name:x<{length}}"})

    assert response.status_code == 200
    assert response.json() == {"items": [], "page": 1, "size": 20, "total": 0, "pages": 0}
    assert "Link" not in response.headers
    assert fetch(client, name=name)["items"] == [*seven, longest]


@pytest.mark.parametrize(
    ("wanted", "places", "total", "pages"),
    [
        ("", [0, 1], 5, 3),
        (" lamp", [0, 2], 3, 2),
        (" bowl", [1, 3], 2, 1),
        (" bowl a", [3], 1, 1),
        (" vase", [], 0, 0),
    ],
    ids=["all", "three", "two", "one", "none"],
)
def test_total_and_pages_follow_the_filter(client, name, wanted, places, total, pages):
    products = create_named(
        client, *[f"{name} {kind}" for kind in ("lamp M", "bowl Z", "lamp A", "bowl A", "lamp K")]
    )

    response = client.get("/products", params={"page": 1, "size": 2, "name": f"{name}{wanted}"})

    assert response.status_code == 200
    items = [products[place] for place in places]
    assert response.json() == {"items": items, "page": 1, "size": 2, "total": total, "pages": pages}
    assert fetch(client, name=name)["items"] == products


@pytest.mark.parametrize(
    ("page", "size", "relations"),
    [
        (1, 3, ["first", "last", "next"]),
        (2, 3, ["first", "last", "next", "prev"]),
        (3, 3, ["first", "last", "prev"]),
        (1, 7, ["first", "last"]),
        (1, 8, ["first", "last"]),
        (1, 6, ["first", "last", "next"]),
        (2, 6, ["first", "last", "prev"]),
        (3, 6, ["first", "last", "prev"]),
        (10**18, 3, ["first", "last", "prev"]),
    ],
)
@pytest.mark.usefixtures("seven")
def test_a_page_links_to_the_pages_that_exist(client, name, page, size, relations):
    response = client.get("/products", params={"page": page, "size": size, "name": name})

    assert response.status_code == 200
    assert relations_of(response) == relations


@pytest.mark.parametrize(
    ("size", "page", "relation", "linked"),
    [
        *[(2, 1, "first", 1), (2, 1, "next", 2), (2, 1, "last", 4)],
        *[(2, 2, "first", 1), (2, 2, "prev", 1), (2, 2, "next", 3), (2, 2, "last", 4)],
        *[(2, 3, "first", 1), (2, 3, "prev", 2), (2, 3, "next", 4), (2, 3, "last", 4)],
        *[(2, 4, "first", 1), (2, 4, "prev", 3), (2, 4, "last", 4)],
        *[(1, 6, "next", 7), (1, 6, "last", 7), (7, 1, "first", 1), (7, 1, "last", 1), (7, 2, "last", 1)],
    ],
)
def test_each_link_leads_to_its_page(client, seven, name, size, page, relation, linked):
    start = client.get("/products", params={"homepage": 5, "name": name, "page": page, "size": size})

    response = client.get(link_to(relation, start))

    assert response.status_code == 200
    items = seven[size * linked - size : size * linked]
    pages = {1: 7, 2: 4, 7: 1}[size]
    assert response.json() == {"items": items, "page": linked, "size": size, "total": 7, "pages": pages}
    assert urlsplit(str(response.url))[:3] == urlsplit(str(start.url))[:3]


@pytest.mark.parametrize(("relation", "linked"), [("first", 1), ("prev", 3), ("last", 3)])
@pytest.mark.parametrize("page", [4, 5, 10**18])
def test_beyond_the_end_prev_is_the_last_page(client, seven, name, page, relation, linked):
    start = client.get("/products", params={"page": page, "size": 3, "name": name})

    response = client.get(link_to(relation, start))

    assert response.status_code == 200
    items = seven[3 * linked - 3 : 3 * linked]
    assert response.json() == {"items": items, "page": linked, "size": 3, "total": 7, "pages": 3}


@pytest.mark.parametrize("odd", ODD_TEXTS)
@pytest.mark.parametrize(("relation", "linked"), [("first", 1), ("prev", 1), ("next", 3), ("last", 3)])
def test_links_keep_size_and_filter(client, name, odd, relation, linked):
    wanted = f"{odd}{name}{odd}"
    products = create_named(client, *[f"{wanted}{number}" for number in range(3)], name)
    start = client.get("/products", params={"name": wanted, "page": 2, "size": 1})

    response = client.get(link_to(relation, start))

    assert [target for _, target in targets_of(start) if not URI_REFERENCE.fullmatch(target)] == []
    assert response.status_code == 200
    items = products[linked - 1 : linked]
    assert response.json() == {"items": items, "page": linked, "size": 1, "total": 3, "pages": 3}


@pytest.mark.parametrize("query", ["", "?page=1", "?size=20", "?name="])
def test_links_work_without_parameters(fresh_client, query):
    products = create_named(fresh_client, *[f"Mug {number}" for number in range(21)])
    start = fresh_client.get(f"/products{query}")

    response = fresh_client.get(link_to("next", start))

    assert response.status_code == 200
    assert response.json() == {"items": products[20:], "page": 2, "size": 20, "total": 21, "pages": 2}


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("backwards", [False, True], ids=["next", "prev"])
def test_a_walk_meets_each_product_once(client, seven, name, size, backwards):
    chunks = [seven[start : start + size] for start in range(0, 7, size)][:: -1 if backwards else 1]
    query = {"name": name, "size": size, "page": len(chunks) if backwards else 1}

    pages = walk(client, f"/products?{urlencode(query)}", "prev" if backwards else "next")

    assert pages == chunks


@pytest.mark.parametrize("place", [0, 3, 6], ids=["the oldest", "the middle one", "the newest"])
def test_a_deleted_product_is_on_no_page(client, seven, name, place):
    before = fetch(client, name=name)
    newest = create(client, **MUG)
    total = fetch(client, size=1)["total"]

    response = client.delete(f"/products/{seven[place]['id']}")

    assert response.status_code == 204
    assert response.content == b""
    assert before["items"] == seven
    left = [product for product in seven if product is not seven[place]]
    page = {"items": left[2:4], "page": 2, "size": 2, "total": 6, "pages": 3}
    assert fetch(client, name=name, page=2, size=2) == page
    last = {"items": [newest], "page": total - 1, "size": 1, "total": total - 1, "pages": total - 1}
    assert fetch(client, page=total - 1, size=1) == last


def test_deleting_an_unknown_product_is_404(client, seven, name, unknown_id):
    response = client.delete(f"/products/{unknown_id}")

    assert response.status_code == 404
    assert fetch(client, name=name)["items"] == seven


@pytest.mark.parametrize("places", [[0], [1], [0, 1]], ids=["the older of two", "the newer of two", "both"])
def test_a_new_product_is_the_last_one(client, at_once, name, places):
    products = create_named(client, f"{name} Z", f"{name} M")
    paths = [f"/products/{products[place]['id']}" for place in places]
    at_once(len(paths), lambda number: client.delete(paths[number]).raise_for_status())

    new = create(client, name=f"{name} A", price=1)

    assert new["id"] > max(product["id"] for product in products)
    left = [product for place, product in enumerate(products) if place not in places]
    assert fetch(client, name=name)["items"] == [*left, new]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "m"},
        {"name": "m" * 80},
        {"name": "\U0001f600" * 80},
        {"description": None},
        {"name": " <b>&amp; 'Mug' \t"},
        {"name": "\u00e9 e\u0301 \u0130\ufb01"},
        {"name": "\u0000Mug\u001b"},
        {"description": "d" * 400_000},
        {"description": "one\r\ntwo\n"},
        {"price": 0.01},
        {"price": 0.29},
        {"price": 19.99},
        {"price": 1_000_000.0},
        {"stock": 0},
        {"stock": 1_000_000},
        {"id": 7, "colour": "blue"},
        {"id": "first"},
    ],
    ids=lambda fields: json.dumps(fields)[:30],
)
def test_a_valid_product_is_on_the_last_page(client, values, fields):
    sent = {"name": values.text(), "description": values.text(), "price": 12.5, "stock": 3} | fields

    response = client.post("/products", json=sent)

    assert response.status_code == 201
    assert media_type(response) == JSON
    product = response.json()
    assert product == {"id": product["id"], **{field: sent[field] for field in MUG}}
    assert type(product["id"]) is int
    assert product["id"] > 0
    total = fetch(client, size=1)["total"]
    assert fetch(client, size=1, page=total)["items"] == [product]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"price": 1}', id="no name"),
        pytest.param(b'{"name": "Mug"}', id="no price"),
        pytest.param(b'{"name": "%s", "price": 1}' % (b"m" * 81), id="name has 81 characters"),
        pytest.param(b'{"name": "%s ", "price": 1}' % (b"m" * 80), id="name has 80 letters and a blank"),
        pytest.param(b'{"name": 5, "price": 1}', id="name is a number"),
        pytest.param(b'{"name": null, "price": 1}', id="name is null"),
        pytest.param(b'{"name": " ", "price": 1}', id="name is blank"),
        pytest.param(rb'{"name": "\u00a0", "price": 1}', id="name is a no-break space"),
        pytest.param(b'{"name": "Mug", "price": 1, "description": " "}', id="description is blank"),
        pytest.param(b'{"name": "Mug", "price": 1, "description": 5}', id="description is a number"),
        *[
            pytest.param(b'{"name": "Mug", "price": %s}' % price, id=f"price {price.decode()}")
            for price in [
                *[b"0", b"0.009", b"-1", b"12.345", b"0.30000000000000004", b"1000000.01"],
                *[b'"5"', b"null", b"true"],
            ]
        ],
        *[
            pytest.param(b'{"name": "Mug", "price": 1, "stock": %s}' % stock, id=f"stock {stock.decode()}")
            for stock in [b"-1", b"1000001", b'"5"', b"5.0", b"null", b"true"]
        ],
        pytest.param(b"[]", id="an array"),
        pytest.param(b"", id="no body"),
    ],
)
def test_an_invalid_product_is_422_and_on_no_page(client, name, payload):
    product = create(client, name=name, price=1)
    before = fetch(client, size=1)

    response = client.post("/products", content=payload, headers={"Content-Type": JSON})

    assert response.status_code == 422
    assert fetch(client, size=1) == before
    assert fetch(client, name=name)["items"] == [product]


def test_two_hundred_products_created_at_once_are_all_listed(client, name, race, at_once):
    created = race(200, lambda number: create(client, name=name, price=number + 0.5))

    pages = at_once(3, lambda number: fetch(client, name=name, page=number + 1, size=67))

    assert [page["total"] for page in pages] == [200] * 3
    items = [product for page in pages for product in page["items"]]
    assert items == sorted(created, key=lambda product: product["id"])
    assert len({product["id"] for product in items}) == 200


def test_of_fifty_deletions_at_once_exactly_one_is_204(client, seven, name, race):
    before = fetch(client, name=name)

    answers = race(50, lambda _: client.delete(f"/products/{seven[0]['id']}"))

    assert before["items"] == seven
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 49
    assert fetch(client, name=name)["items"] == seven[1:]


@pytest.mark.parametrize(
    ("method", "path", "payload"),
    [("POST", "/products", {"price": 1}), ("DELETE", "/products/{id}", None)],
    ids=["creations", "deletions"],
)
def test_items_and_total_agree_during_changes(client, seven, name, race, method, path, payload):
    read = [("GET", f"/products?size={size}&name={quote(name)}", None) for size in (100, 1)]
    sent = payload and {"name": name, **payload}
    changes = [(method, path.format_map(product), sent) for product in seven[1:]]
    requests = [*read, *changes]  # few that read, so that each rests on its way

    answers = race(8, lambda number: client.request(*requests[number][:2], json=requests[number][2]))

    assert [answer.is_success for answer in answers] == [True] * 8
    page, first = [answer.json() for answer in answers[:2]]
    assert page["total"] == len(page["items"])
    assert first["total"] == first["pages"]
    assert [page["items"][0], first["items"][0]] == [seven[0]] * 2


def test_a_list_of_1_100_products_is_complete(client, name, at_once):
    created = at_once(1_100, lambda number: create(client, name=name, price=number + 0.5))

    pages = at_once(11, lambda number: fetch(client, name=name, page=number + 1, size=100))

    assert [page["total"] for page in pages] == [1_100] * 11
    items = [product for page in pages for product in page["items"]]
    assert items == sorted(created, key=lambda product: product["id"])


@pytest.mark.parametrize("text", ["mug", "1x", "x1", "1.5", "None", "-", "--1", "\u00b2"])
def test_an_id_that_is_not_an_integer_is_422(client, seven, name, text):
    response = client.delete(f"/products/{text}")

    assert response.status_code == 422
    assert fetch(client, name=name)["items"] == seven
