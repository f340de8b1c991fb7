"""The acceptance tests of curriculum 3.5: one for each criterion of the ticket.

`hostile_strings.json` holds what attackers send, by the classes that OWASP's cheat sheets name. HTML is judged by the
tree that a parser makes of it.
"""

import json
import string
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

JSON, PROBLEM, HTML = "application/json", "application/problem+json", "text/html;charset=utf-8"
FORM = "application/x-www-form-urlencoded"
HOSTILE = json.loads(Path(__file__).with_name("hostile_strings.json").read_text(encoding="utf-8"))
SQL, MARKUP, TEXT, CHARACTERS = (HOSTILE[name] for name in ("sql", "html", "text", "characters"))
POSTS, USERS, COMMENTS = "/posts", "/users", "/posts/{id}/comments"
POST = {"title": "Mug", "body_html": "<p>Hi</p>"}
USER = {"username": "nobody", "email": "nobody@example.com"}
REMARK = {"author": "Ada", "text": "Nice!"}
LIMITS = {"title": 200, "author": 50, "text": 2_000, "body_html": 20_000, "q": 200}
SUCCESS = {"title": 201, "author": 303, "text": 303, "body_html": 201, "q": 200}
UNKNOWN = 987654321

TURNING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
CONTROLS = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]
FORBIDDEN = {chr(code) for code in [*CONTROLS, *TURNING, *range(0xD800, 0xE000)]}
EDGES = [0x00, 0x08, 0x0B, 0x0C, 0x0E, 0x1F, 0x7F, 0x80, 0x9F, 0x202A, 0x202E, 0x2066, 0x2069]
INVISIBLE = [
    *[0x09, 0x0A, 0x0D, 0x7E, 0xA0, 0xAD, 0x061C, 0x200B, 0x200D, 0x200E, 0x2029, 0x202F, 0x2065, 0x206A],
    *[0xFEFF, 0xFFFE, 0xE0041],
]
BLANK = ["", " ", "\t\r\n", "\u00a0", "\u3000", "\u2003\u2028"]

LISTED = {
    *{"p", "br", "h2", "h3", "blockquote", "pre", "code"},
    *{"b", "i", "em", "strong", "ul", "ol", "li", "a"},
}
SCHEMES = {"http", "https", "mailto"}
VOID = {"br", "meta", "link", "input", "img", "hr", "base", "wbr", "source", "area", "col", "embed", "track"}
SHARED = {}
"""What the rows of a test share, by their server and test."""


def is_refused(text):
    """Return whether a plain text is 422."""
    return not text.strip() or bool(FORBIDDEN & {*text})


def normalized(name):
    """Return how a user name is stored."""
    return unicodedata.normalize("NFKC", name).casefold()


def is_name(name):
    """Return whether this is a user name, after it was normalized."""
    return {*normalized(name)} <= {*"abcdefghijklmnopqrstuvwxyz0123456789_"} and 3 <= len(
        normalized(name)
    ) <= 20


def rows(texts):
    """Return a row for each text, with an id that says what it is."""
    return [pytest.param(text, id=f"{number}: {ascii(text)[1:41]}") for number, text in enumerate(texts)]


def post_json(client, path, payload):
    """Send a payload, whose strings may hold halves of surrogate pairs."""
    return client.post(path, content=json.dumps(payload), headers={"Content-Type": JSON})


def post_form(client, path, fields):
    """Send a form, in UTF-8."""
    return client.post(path, content=urlencode(fields), headers={"Content-Type": FORM})


def send(client, path, payload):
    """Send a payload to a path: a comment as a form, all else as JSON."""
    return (
        post_form(client, path, payload) if path.endswith("/comments") else post_json(client, path, payload)
    )


def send_field(client, post, field, text):
    """Send a text as a field of a new post, as one of a comment on a post, or as what to search for."""
    send_it = {
        "title": lambda: post_json(client, POSTS, POST | {"title": text}),
        "body_html": lambda: post_json(client, POSTS, POST | {"body_html": text}),
        "author": lambda: post_form(client, comments_of(post), REMARK | {"author": text}),
        "text": lambda: post_form(client, comments_of(post), REMARK | {"text": text}),
        "q": lambda: client.get(POSTS, params={"q": text}),
    }
    return send_it[field]()


def read_field(client, post, field):
    """Return the text that was sent last, as it was kept; of what was searched for, nothing is."""
    read_it = {
        "title": lambda: read(client, POSTS, sort="-id")[0]["title"],
        "body_html": lambda: text_in(Document(read(client, POSTS, sort="-id")[0]["body_html"]).content),
        "author": lambda: read(client, comments_of(post))[-1]["author"],
        "text": lambda: read(client, comments_of(post))[-1]["text"],
    }
    return read_it[field]()


def write_post(client, title="Harmless", body_html="<p>Harmless</p>"):
    """Write a post and return it."""
    return client.post(POSTS, json={"title": title, "body_html": body_html}).raise_for_status().json()


def comment(client, post, author="Ada", text="Nice!"):
    """Comment on a post."""
    response = post_form(client, comments_of(post), {"author": author, "text": text})
    assert response.status_code == 303


def comments_of(post):
    """Return the path of a post's comments."""
    return COMMENTS.format(**post)


def register(client, username, email="ada@example.com"):
    """Register a user and return it."""
    return client.post(USERS, json={"username": username, "email": email}).raise_for_status().json()


def read(client, path, **params):
    """Return what a path gives."""
    return client.get(path, params=params or None).raise_for_status().json()


def page_of(client, post):
    """Return the page of a post, as a parser reads it."""
    response = client.get(f"/posts/{post['id']}/page").raise_for_status()
    assert response.headers["Content-Type"].lower().replace(" ", "") == HTML
    return Document(response.content.decode("utf-8"))


def comments_on(page):
    """Return the authors and texts of the comments on a page."""
    [section] = page.find("section", id="comments")
    shown = [one for one in elements_in(section[2]) if one[0] == "p"]
    return [[dict(attributes).get("data-author"), *content] for _, attributes, content in shown]


def media_type(response):
    """Return the type of a response's body, without parameters such as a charset."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip()


class Document(HTMLParser):
    """HTML as a tree: an element is `[tag, attributes, content]`, and texts stand between elements.

    `faults` holds what is not closed in order, and what is neither an element nor text.
    """

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.content, self.faults = [], []
        self.open = [["", [], self.content]]
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag, _, _ in self.open[1:]]

    def handle_starttag(self, tag, attributes):
        element = [tag, attributes, []]
        self.open[-1][2].append(element)
        self.open += [element] * (tag not in VOID)

    def handle_startendtag(self, tag, attributes):
        self.open[-1][2].append([tag, attributes, []])

    def handle_endtag(self, tag):
        last = len(self.open) - 1
        place = max((place for place, (name, _, _) in enumerate(self.open) if name == tag), default=last + 1)
        self.faults += [f"</{tag}> does not close the last tag"] * (place != last)
        del self.open[place:]

    def handle_data(self, text):
        content = self.open[-1][2]
        before = [content.pop()] if content and isinstance(content[-1], str) else []
        content.append("".join([*before, text]))

    def handle_other(self, text):
        self.faults.append(f"{text} is neither an element nor text")

    handle_comment = handle_pi = unknown_decl = handle_other

    def handle_decl(self, text):
        self.faults += [f"<!{text}> is not the type of a document"] * (text.lower() != "doctype html")

    def find(self, tag, **attributes):
        """Return the elements with a tag and these attributes."""
        found = [one for one in elements_in(self.content) if one[0] == tag]
        return [one for one in found if attributes.items() <= dict(one[1]).items()]


def elements_in(content):
    """Return the elements of a tree, each before those in it."""
    return [one for part in content if isinstance(part, list) for one in (part, *elements_in(part[2]))]


def text_in(content):
    """Return the text of a tree."""
    return "".join(part if isinstance(part, str) else text_in(part[2]) for part in content)


def tree_of(content):
    """Return a tree without the attribute `rel`, which a cleaner may add."""
    return [
        part
        if isinstance(part, str)
        else [part[0], [one for one in part[1] if one[0] != "rel"], tree_of(part[2])]
        for part in content
    ]


def shape_of(content):
    """Return a tree without texts and the values of attributes, and without what is in its `<article>`."""
    elements = [part for part in content if isinstance(part, list)]
    return [
        [tag, [name for name, _ in attributes], shape_of(inside) if tag != "article" else []]
        for tag, attributes, inside in elements
    ]


def faults_of(html):
    """Return what cleaned HTML should not have."""
    document = Document(html)
    return document.faults + [
        fault for one in elements_in(document.content) for fault in faults_of_element(one)
    ]


def faults_of_element(element):
    """Return what cleaned HTML should not have in a tag."""
    tag, attributes, _ = element
    allowed = {"href", "rel"} if tag == "a" else set()
    links = [value or "" for name, value in attributes if name == "href"]
    return [
        *(f"<{one}>" for one in {tag} - LISTED),
        *(f"the attribute {name} of <{tag}>" for name, _ in attributes if name not in allowed),
        *(f"a link to {link!r}" for link in links if scheme_of(link) not in {None, *SCHEMES}),
    ]


def scheme_of(link):
    """Return the scheme that a browser finds (WHATWG, URL, 4.4): it ignores blanks around, tabs and line breaks."""
    blanks = "".join(map(chr, range(0x21)))
    scheme, colon, _ = link.strip(blanks).translate(dict.fromkeys(map(ord, "\t\n\r"))).partition(":")
    letters = {*string.ascii_letters}
    is_one = colon and {*scheme[:1]} <= letters and {*scheme} <= letters | {*string.digits, *"+-."}
    return scheme.lower() if is_one else None


@pytest.fixture
def share(address, request):
    """Return a function that makes something once for all rows of a test; no other server can have its address."""

    def share_it(make):
        _, made = SHARED.setdefault((id(address), request.function), (address, []))
        made += [] if made else [make()]
        return made[0]

    return share_it


def make_shapes(client):
    """Return the shapes of two harmless pages, one without a comment and one with a comment."""
    posts = [write_post(client), write_post(client)]
    comment(client, posts[1])
    return [shape_of(page_of(client, posts[0]).content), shape_of(page_of(client, posts[1]).content)]


KEPT = rows(text for text in [*SQL[1::2], *TEXT, *CHARACTERS] if not is_refused(text))


def test_posts_are_returned_with_201(client, values):
    title = values.text()

    response = client.post(POSTS, json={"title": title, "body_html": "<p>Hi</p>"})

    assert response.status_code == 201
    assert media_type(response) == JSON
    new = response.json()
    assert new == {"id": new["id"], "title": title, "body_html": "<p>Hi</p>"}
    assert type(new["id"]) is int
    assert read(client, f"/posts/{new['id']}") == new
    assert new in read(client, POSTS)
    assert read(client, comments_of(new)) == []


@pytest.mark.parametrize(
    "settings", [{}, {"DATABASE_URL": "sqlite:///other.db"}], ids=["default", "other.db"]
)
def test_a_restart_forgets_nothing(launch, settings):
    server = launch(**settings)
    post, other = write_post(server.client), write_post(server.client)
    comment(server.client, post, "Zoe", "First!")
    comment(server.client, other, "Eve", "Me too!")
    comment(server.client, post, "Ada", "Nice!")
    comments = [*read(server.client, comments_of(post)), *read(server.client, comments_of(other))]
    user = register(server.client, "ada")

    server.restart(warm=True)

    assert read(server.client, POSTS) == [post, other]
    assert read(server.client, USERS) == [{"id": user["id"], "username": "ada"}]
    kept = read(server.client, comments_of(post))
    assert [*kept, *read(server.client, comments_of(other))] == comments
    assert [type(one["id"]) for one in comments] == [int] * 3
    assert len({one["id"] for one in comments}) == 3
    texts = [[one["author"], one["text"]] for one in kept]
    assert texts == comments_on(page_of(server.client, post)) == [["Zoe", "First!"], ["Ada", "Nice!"]]
    files = [name for name in server.files.names() if name.endswith(".db")]
    assert files == [settings.get("DATABASE_URL", "blog.db").rpartition("/")[2]]


@pytest.mark.parametrize("title", KEPT)
def test_hostile_titles_are_kept_as_sent(client, title):
    response = client.post(POSTS, json={"title": title, "body_html": ""})

    assert response.status_code == 201
    new = response.json()
    assert new == {"id": new["id"], "title": title, "body_html": ""}
    assert read(client, f"/posts/{new['id']}") == new


@pytest.mark.parametrize(
    "text", rows(text for text in [*CHARACTERS[::2], *TEXT[::4], *MARKUP[::20]] if not is_refused(text))
)
def test_hostile_comments_are_kept_as_sent(client, share, text):
    post = share(lambda: write_post(client))
    author = f"{text[:25]}Ada{text[-20:]}"

    response = post_form(client, comments_of(post), {"author": author, "text": text})

    assert response.status_code == 303
    assert response.headers.get("Location") == f"/posts/{post['id']}/page"
    kept = read(client, comments_of(post))[-1]
    assert kept == {"id": kept["id"], "author": author, "text": text}
    assert type(kept["id"]) is int


@pytest.mark.parametrize("character", ["x", "\u00e4", "\U0001f600"], ids=ascii)
@pytest.mark.parametrize("field", [field for field in LIMITS if field != "q"])
def test_fields_may_reach_their_limits(client, field, character):
    post = write_post(client)
    text = character * LIMITS[field]

    response = send_field(client, post, field, text)

    assert response.status_code == SUCCESS[field]
    assert read_field(client, post, field) == text


INVALID = [
    *((POSTS, POST | {"title": text}) for text in CHARACTERS if is_refused(text)),
    *((COMMENTS, REMARK | {name: text}) for name in REMARK for text in BLANK),
    *((POSTS, POST | {"title": text}) for text in ("x" * 201, "\U0001f600" * 201, " " * 200 + "x")),
    *((POSTS, POST | {"body_html": text}) for text in ("x" * 20_001, f"<!--{'x' * 20_000}-->", "\ud800")),
    *((COMMENTS, REMARK | {name: "x" * (LIMITS[name] + 1)}) for name in REMARK),
    *((COMMENTS, {name: REMARK[name]}) for name in REMARK),
    *((path, {name: valid[name]}) for path, valid in ((POSTS, POST), (USERS, USER)) for name in valid),
    *(
        (path, valid | {name: value})
        for path, valid in ((POSTS, POST), (USERS, USER))
        for name in valid
        for value in (None, 5, ["x"])
    ),
    *((path, valid | {"id": 5}) for path, valid in ((POSTS, POST), (USERS, USER))),
]


@pytest.mark.parametrize(
    ("path", "payload"),
    [pytest.param(*one, id=f"{number}: {ascii(one)[:60]}") for number, one in enumerate(INVALID)],
)
def test_invalid_payloads_change_nothing(client, share, values, path, payload):
    post, *before = share(lambda: with_others(client, values))

    response = send(client, path.format(**post), payload)

    assert response.status_code == 422
    assert read(client, path.format(**post)) == before[[POSTS, USERS, COMMENTS].index(path)]


def with_others(client, values):
    """Write a post with a comment, and return it, all posts, all users, and its comments."""
    post = write_post(client)
    comment(client, post)
    register(client, f"ada{suffix(values, 10)}")
    return [post, read(client, POSTS), read(client, USERS), read(client, comments_of(post))]


REFERENCES = [
    *["&#8238;", "&#x202E;", "&#x202e", "&#x2066;", "&#8297;", "&#0008234;"],
    *["<b>&#8238;</b>", '<a href="https://example.com/&#8238;">x</a>'],
]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *((field, f"x{chr(code)}y") for field in LIMITS for code in EDGES),
        *((field, f"x{chr(code)}") for field in LIMITS for code in (0x1C, 0x85)),
        *((field, f"{chr(code)}x") for field in LIMITS for code in (0x1C, 0x202C)),
        *(("body_html", f"x{one}y") for one in REFERENCES),
    ],
    ids=ascii,
)
def test_control_and_bidirectional_characters_are_422(client, share, values, field, text):
    post, posts, _, comments = share(lambda: with_others(client, values))
    path, before = (comments_of(post), comments) if field in REMARK else (POSTS, posts)

    response = send_field(client, post, field, text)

    assert response.status_code == 422
    assert read(client, path) == before


@pytest.mark.parametrize("field", ["title", "text"])
@pytest.mark.parametrize(
    "text",
    rows(
        [
            *(f"{one}x{one}y{one}" for one in [*map(chr, INVISIBLE), "&#8238;", "\\u202e", "%E2%80%AE"]),
            "\u200b",
            "\ufeff\u2060",
        ]
    ),
)
def test_other_invisible_characters_are_kept(client, share, field, text):
    post = share(lambda: write_post(client))

    response = send_field(client, post, field, text)

    assert response.status_code == SUCCESS[field]
    assert read_field(client, post, field) == text


@pytest.mark.parametrize(
    ("title", "q", "is_found"),
    [
        pytest.param("Blue Mug", "Blue Mug", True, id="all of it"),
        pytest.param("Blue Mug", "Blue", True, id="its beginning"),
        pytest.param("Blue Mug", "Mug", True, id="its end"),
        pytest.param("Blue Mug", "e M", True, id="its middle"),
        pytest.param("Blue Mug", "blue mug", True, id="lower case"),
        pytest.param("Blue Mug", "BLUE MUG", True, id="upper case"),
        pytest.param("Blue Mug", "", True, id="empty"),
        pytest.param("Gr\u00f6\u00dfe \u4f60\u597d", "\u00f6\u00dfe \u4f60", True, id="other letters"),
        pytest.param("x\u200dy\ttab", "\u200dy\t", True, id="invisible characters"),
        pytest.param("x" * 200, "x" * 200, True, id="as long as possible"),
        pytest.param("%" * 200, "%" * 200, True, id="as long as possible, percent signs"),
        pytest.param("\U0001f600" * 200, "\U0001f600" * 200, True, id="as long as possible, emoji"),
        pytest.param("Blue Mug", " ", True, id="a blank"),
        pytest.param("BlueMug", " ", False, id="a blank that is not there"),
        pytest.param("Blue Mug", "BlueMug", False, id="without the blank"),
        pytest.param("Blue Mug", "Mug Blue", False, id="another order"),
        pytest.param("Blue Mug", "Mug ", False, id="a blank behind"),
        pytest.param("Blue Mug", " Blue", False, id="a blank before"),
        pytest.param("Blue Mug", "Mugs", False, id="more letters"),
        pytest.param("Blue Mug", "Bl\u00fce", False, id="another letter"),
        pytest.param("Blue Mug", "harmless", False, id="the body"),
    ],
)
def test_posts_are_found_by_their_titles(client, title, q, is_found):
    post = write_post(client, title, "<p>Harmless</p>")

    found = read(client, POSTS, q=q)

    assert (post in found) == is_found
    assert post in read(client, POSTS)


PATTERN_TITLES = [
    *["100% wool", "100 wool", "a_b", "axb", "back\\slash", "a/b", "[ab]", "a*b", "a?b", "a^b", "%%", "a%b"],
    *["\\%", "\\_", "/%", "~b", "!_", "|%", "#"],
]
PATTERNS = [
    *[
        "%",
        "_",
        "\\",
        "/",
        "%%",
        "_b",
        "a_b",
        "a%b",
        "100%",
        "0% w",
        "[ab]",
        "*",
        "?",
        "\\%",
        "\\_",
        "/%",
        "/_",
    ],
    *["^", "^b", "~", "!", "!_", "|", "#", "%b", "a%", "__", "\\\\", "//", "%\\", "_%"],
]


@pytest.mark.parametrize("q", rows(PATTERNS))
def test_a_search_takes_and_as_they_are(client, share, q):
    posts = share(lambda: [*read(client, POSTS), *(write_post(client, title) for title in PATTERN_TITLES)])

    found = read(client, POSTS, q=q)

    assert found == [post for post in posts if q in post["title"]]


@pytest.mark.parametrize("q", rows(SQL))
def test_an_injection_into_q_finds_nothing_more(client, share, q):
    posts = share(lambda: [*read(client, POSTS), write_post(client), write_post(client, "Plain mug")])

    found = read(client, POSTS, q=q)

    assert found == [post for post in posts if q in post["title"]]
    assert read(client, POSTS) == posts


@pytest.mark.parametrize("text", rows(SQL[::2]))
def test_hostile_titles_are_found(client, values, text):
    title = f"{values.text()} {text} {values.text()}"[:200]
    post = write_post(client, title)

    found = read(client, POSTS, q=title)

    assert found == [post]


SORTED = [
    "b",
    "B",
    "a",
    "Z",
    "a",
    "\u00e9",
    "E",
    "_",
    "10",
    "9",
    "  ",
    "-",
    "\uff5e",
    "\U0001f600",
    "aa",
    "A",
    "a",
]


@pytest.mark.parametrize(
    ("params", "by", "reverse"),
    [
        ({}, "id", False),
        ({"sort": "id"}, "id", False),
        ({"sort": "-id"}, "id", True),
        ({"sort": "title"}, "title", False),
        ({"sort": "-title"}, "title", True),
    ],
    ids=lambda one: one.get("sort", "default") if isinstance(one, dict) else "",
)
def test_posts_are_sorted_as_asked(client, share, values, params, by, reverse):
    marker, posts = share(lambda: make_sorted(client, values.text()))

    found = read(client, POSTS, q=marker, **params)

    assert found == sorted(posts, key=lambda post: post[by], reverse=reverse)


def make_sorted(client, marker):
    """Write posts with these titles, and return what all of them contain, too."""
    return marker, [write_post(client, f"{title}x {marker}") for title in SORTED]


SORTS = [
    *[
        "",
        "ID",
        "Title",
        "-ID",
        "title,id",
        "title desc",
        "id ",
        " id",
        "+id",
        "--id",
        "- id",
        "id,title",
        "desc",
    ],
    *[
        "body_html",
        "email",
        "username",
        "rowid",
        "_rowid_",
        "1",
        "2",
        "random()",
        "posts.id",
        "post.title",
        "\uff49d",
    ],
    *SQL[::3],
]


@pytest.mark.parametrize("sort", rows(SORTS))
def test_any_other_sort_is_422(client, share, sort):
    share(lambda: write_post(client))

    response = client.get(POSTS, params={"sort": sort})

    assert response.status_code == 422


PATHS = ["/posts/{}", "/posts/{}/page", "/posts/{}/comments", "/users/{}"]
WRONG = ["x!", "1.5", "1'", "1;", "<b>"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        *((path, text) for path in PATHS for text in WRONG),
        *((PATHS[3], text) for text in ("ab", "x" * 21, "ada\n", " ada", "\u0430da")),
        *((path, text) for path in (PATHS[0], PATHS[3]) for text in SQL[::4] if "/" not in text),
    ],
    ids=ascii,
)
def test_other_ids_and_names_in_paths_are_422(client, share, path, text):
    share(lambda: write_post(client))

    response = client.get(path.format(quote(text, safe="")))

    assert response.status_code == 422


@pytest.mark.parametrize(
    ("method", "path"), [*(("GET", path) for path in PATHS[:3]), ("POST", "/posts/{}/comments")], ids=str
)
def test_unknown_ids_and_names_are_404(client, share, method, path, unknown_id):
    share(lambda: write_post(client))
    requests = {"GET": client.get, "POST": lambda url: post_form(client, url, REMARK)}

    response = requests[method](path.format(unknown_id))

    assert response.status_code == 404


@pytest.mark.parametrize(
    "body_html",
    rows(
        [
            *(f"<{tag}>Hi</{tag}>" for tag in sorted(LISTED - {"br", "a", "li"})),
            "Hi",
            "",
            " ",
            "  Hi <b>you</b>  ",
            "one<br>two",
            "<ul><li>one</li><li>two</li></ul>",
            "<ol><li>one<ul><li>two</li></ul></li></ol>",
            '<a href="https://example.com/?a=1&amp;b=2#c">x</a>',
            '<a href="http://example.com/">x</a>',
            '<A HREF="https://ada@example.com:8443/">x</A>',
            '<a href="mailto:ada@example.com">x</a>',
            '<a href="HTTPS://example.com/">x</a>',
            '<a href="https://example.com/javascript:x">x</a>',
            '<a href="https://example.com/?x=&lt;script&gt;">x</a>',
            "<p>Some <b>bold and <i>italic</i></b> <em>text</em>.</p><p>More.</p>",
            "<h2>One</h2><p>two</p><h3>three</h3>",
            "<blockquote><p>one</p><p>two</p></blockquote>",
            "<pre><code>if x:\n    y = 'z'\n</code></pre>",
            "<p>  two blanks  and\ttab </p>",
            "<p>caf\u00e9 cafe\u0301 \u4f60\u597d \U0001f468\u200d\U0001f469 x\u200by</p>",
            "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>",
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
            "<p>&amp;lt;b&amp;gt; &amp;amp; &amp;#8238;</p>",
            "<code>javascript:alert(1) onclick=x data:text</code>",
            "<p>O'Brien \"quoted\" '; DROP TABLE posts;--</p>",
            "<p>{{7*7}} ${x} %s {0}</p>",
            "<P>one<BR>two</P><STRONG>three</STRONG>",
        ]
    ),
)
def test_listed_html_is_kept(client, body_html):
    response = client.post(POSTS, json=POST | {"body_html": body_html})

    assert response.status_code == 201
    new = response.json()
    assert tree_of(Document(new["body_html"]).content) == tree_of(Document(body_html).content)
    assert faults_of(new["body_html"]) == []
    assert read(client, f"/posts/{new['id']}") == new


@pytest.mark.parametrize(
    ("body_html", "kept"),
    [
        pytest.param(*one, id=one[0])
        for one in [
            ("<div>Hello <span>you</span>!</div>", ["Hello you!"]),
            ("<font color=red>x</font>", ["x"]),
            ("<u>x</u> <s>y</s> <mark>z</mark>", ["x y z"]),
            ("<h1>x</h1>", ["x"]),
            ("<p>a<img src=x>b</p>", [["p", [], ["ab"]]]),
            ("<p class=x style=y onclick=z>a</p>", [["p", [], ["a"]]]),
            ("<p>a<script>b</script>c</p>", [["p", [], ["ac"]]]),
            ("a<SCRIPT>b</SCRIPT >c", ["ac"]),
            ('<p title="&#8238;">a</p><script>"&#8238;"</script>', [["p", [], ["a"]]]),
            ("a<style>b{}</style>c", ["ac"]),
            ("a<!-- b -->c", ["ac"]),
            ("<custom-tag>x</custom-tag>", ["x"]),
            ("<section><p>x</p></section>", [["p", [], ["x"]]]),
            ("<b>bold</b> <big>big</big>", [["b", [], ["bold"]], " big"]),
            ("1 < 2 && 3 > 2", ["1 < 2 && 3 > 2"]),
            ("I <3 you", ["I <3 you"]),
            ("a <= b, b >= c", ["a <= b, b >= c"]),
            ("AT&T, R&D", ["AT&T, R&D"]),
            ("&copy; &eacute; &#233; &lt;b&gt;", ["\u00a9 \u00e9 \u00e9 <b>"]),
            ("\"x\" 'y' `z`", ["\"x\" 'y' `z`"]),
            ("onclick=x javascript:y data:z", ["onclick=x javascript:y data:z"]),
        ]
    ],
)
def test_the_text_of_other_tags_is_kept(client, body_html, kept):
    response = client.post(POSTS, json=POST | {"body_html": body_html})

    assert response.status_code == 201
    assert Document(response.json()["body_html"]).content == kept


@pytest.mark.parametrize("body_html", rows(MARKUP))
def test_hostile_html_loses_what_is_not_listed(client, body_html):
    response = client.post(POSTS, json=POST | {"body_html": body_html})

    assert response.status_code == 201
    assert faults_of(response.json()["body_html"]) == []


@pytest.mark.parametrize(
    ("body_html", "text"),
    [
        ("<b>x", "x"),
        ("<p><b>x</p>y", "xy"),
        ("<b><i>x</b>y</i>z", "xyz"),
        ("<ul><li>x<li>y</ul>z", "xyz"),
        ("<p>x<p>y", "xy"),
        ("<blockquote><pre><code>x", "x"),
        ("x</b>y</p>z</article>", "xyz"),
        ('<a href="https://example.com/">x', "x"),
        ("<h2><em><strong>x</h2>y", "xy"),
    ],
)
def test_open_tags_are_closed(client, body_html, text):
    response = client.post(POSTS, json=POST | {"body_html": body_html})

    assert response.status_code == 201
    assert faults_of(response.json()["body_html"]) == []
    assert text_in(Document(response.json()["body_html"]).content) == text


@pytest.mark.parametrize(
    "body_html",
    rows(
        [
            "<p>1 < 2 && 3 > 2</p>",
            "<p>&lt;b&gt; &amp;lt;b&amp;gt; &amp;amp;lt;</p>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
            '<a href="https://example.com/?a=1&b=2&amp;c=3">x</a>',
            '<a href="javascript:alert(1)">x</a>',
            "<scr<script>ipt>alert(1)</scr</script>ipt>",
            "<<script>b>x</b>",
            "<b><i>x</b>y</i>",
            'O\'Brien "quoted" &quot; &#39;',
        ]
    ),
)
def test_cleaning_twice_changes_nothing(client, body_html):
    first = write_post(client, body_html=body_html)["body_html"]

    response = client.post(POSTS, json=POST | {"body_html": first})

    assert response.status_code == 201
    assert tree_of(Document(response.json()["body_html"]).content) == tree_of(Document(first).content)


BREAKOUTS = [
    *['"><script>alert(1)</script>', "'><script>alert(1)</script>", '"><img src=x onerror=alert(1)>'],
    *[
        '" onmouseover="alert(1)',
        "' onmouseover='alert(1)",
        "` onmouseover=`alert(1)",
        "x onmouseover=alert(1)",
    ],
    *['" autofocus onfocus=alert(1) x="', "x/onclick=alert(1)", "x\tonclick=alert(1)", "x\nonclick=alert(1)"],
    *["<script>alert(1)</script>", "<b>bold</b>", "</p><script>alert(1)</script>", "</section><h1>x</h1>"],
    *[
        "&lt;b&gt;",
        "&quot; onclick=x",
        "&#34; onclick=x",
        "&amp;amp;",
        "&amp",
        "<!--",
        "-->",
        "]]>",
        "<![CDATA[",
    ],
    *[
        "</textarea><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "{{7*7}}",
        "{% raw %}",
        "{#",
    ],
    *[
        "<",
        ">",
        "&",
        '"',
        "'",
        "`",
        "\\",
        "\\u003cb\\u003e",
        "  x  ",
        "one\ntwo",
        "one\r\ntwo",
        "it's & co <ltd>",
    ],
    *["<svg onload=alert(1)>", "<img src=x onerror=alert(1)", "=", "/", "O'Brien'; DROP TABLE posts;--"],
]


@pytest.mark.parametrize("text", rows([*MARKUP[::3], *BREAKOUTS[::2]]))
def test_hostile_posts_do_no_harm_on_the_page(client, share, text):
    shape, _ = share(lambda: make_shapes(client))
    post = write_post(client, text, text)

    page = page_of(client, post)

    assert shape_of(page.content) == shape
    assert post["title"] == text
    assert [one[2] for one in page.find("h1")] == [[text]]
    assert [one[2] for one in page.find("article")] == [Document(post["body_html"]).content]


@pytest.mark.parametrize("text", rows(BREAKOUTS))
def test_hostile_comments_do_no_harm_on_the_page(client, share, text):
    _, shape = share(lambda: make_shapes(client))
    post = write_post(client)
    comment(client, post, author=text, text=text)

    page = page_of(client, post)

    assert shape_of(page.content) == shape
    assert comments_on(page) == [[text, text]]


NAMES = [
    ("Ada", "ada", 10),
    ("ADA_", "ada_", 10),
    ("_", "_", 10),
    ("", "", 3),
    ("", "", 20),
    ("\uff21\uff24\uff21", "ada", 10),
    ("\uff41\uff44\uff41\uff3f\uff11", "ada_1", 10),
    ("\u24b6\u24d3\u24d0", "ada", 10),
    ("\U0001d400\U0001d41d\U0001d41a", "ada", 10),
    ("\u212aim", "kim", 10),
    ("\u017fam", "sam", 10),
    ("o\ufb03ce", "office", 10),
    ("\ufb03\ufb03\ufb03\ufb03\ufb03", "ffiffiffiffiffi", 5),
    ("stra\u00dfe", "strasse", 10),
    ("\u1e9e", "ss", 10),
    ("ab\u00b2\u2460\U0001d7d9", "ab211", 10),
    ("\u01c8\u01cb", "ljnj", 10),
    ("\ufe4d", "_", 10),
]
"""How a name is sent, what it is then, and how many letters and digits follow, so that each is new."""


LETTERS = string.ascii_lowercase + string.digits
EXPANDING = [chr(code) for code in range(0x2100, 0x3400) if is_name(chr(code))]
"""The characters of which one alone is a name."""


def suffix(values, size, letters=LETTERS):
    """Return so many letters and digits."""
    return "".join(values.choices(letters, k=size))


@pytest.mark.parametrize(
    ("sent", "name", "size", "letters"),
    [*((*one, LETTERS) for one in NAMES), ("", "", 2, EXPANDING)],
    ids=lambda one: ascii(one)[:20],
)
def test_user_names_are_normalized(client, values, sent, name, size, letters):
    end = suffix(values, size, letters)
    stored = name + normalized(end)
    register(client, f"zoe{suffix(values, 8)}")
    before = read(client, USERS)

    response = client.post(USERS, json={"username": sent + end, "email": "ada@example.com"})

    assert response.status_code == 201
    new = response.json()
    assert new == {"id": new["id"], "username": stored, "email": "ada@example.com"}
    assert type(new["id"]) is int
    shown = {"id": new["id"], "username": stored}
    assert read(client, f"/users/{quote(sent + end)}") == shown
    assert read(client, f"/users/{stored}") == shown
    assert read(client, USERS) == [*before, shown]


@pytest.mark.parametrize(
    ("first", "second", "size"),
    [*NAMES, *((name, sent, size) for sent, name, size in NAMES[5:])],
    ids=ascii,
)
def test_names_that_look_alike_are_409(client, values, first, second, size):
    end = suffix(values, size)
    user = register(client, first + end)

    response = client.post(USERS, json={"username": second + end, "email": "eve@example.com"})

    assert response.status_code == 409
    assert user["email"] not in response.text
    assert read(client, USERS)[-1] == {"id": user["id"], "username": user["username"]}


NO_NAMES = [
    *["ab", "x" * 21, "\ufb00", "\ufb03" * 7, "a b", "adam eve", " ada", "ada ", "ada\n", "\nada", "ada\r\n"],
    *[
        "ad-a",
        "ad.a",
        "ada!",
        "ada@example.com",
        "\u0430d\u0430",
        "\u0430\u0434\u0430",
        "\u03b1da",
        "ad\u0131",
    ],
    *[
        "\u0661\u0662\u0663",
        "\u0967\u0968\u0969",
        "\u4f60\u597d\u5417",
        "caf\u00e9",
        "cafe\u0301",
        "\u0130da",
    ],
    *[
        "ad\u200da",
        "ad\u00ada",
        "ad\u200ba",
        "ada\ufeff",
        "a\u20dda",
        "\uff0dada",
        "ada\u00a0",
        "\uff41\uff42",
    ],
    *["ada\ud800", "ada\U0001f600", "<b>ada</b>", "\u1d00da", "ad\u0251", "\u00f0da", "x" * 10_000],
]


@pytest.mark.parametrize("name", rows([*NO_NAMES, *(one for one in [*SQL, *TEXT][::4] if not is_name(one))]))
def test_hostile_user_names_are_422(client, share, values, name):
    share(lambda: register(client, f"ada{suffix(values, 10)}"))
    before = read(client, USERS)

    response = post_json(client, USERS, USER | {"username": name})

    assert response.status_code == 422
    assert read(client, USERS) == before


def test_of_look_alikes_at_once_one_is_registered(client, race, values):
    end = suffix(values, 10)
    spelled = [
        f"{sent}{end}" for sent in ("ada", "Ada", "ADA", "aDa", "\uff41\uff44\uff41", "\u24b6\u24d3\u24d0")
    ]

    answers = race(
        len(spelled),
        lambda one: client.post(USERS, json={"username": spelled[one], "email": f"ada{one}@example.com"}),
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert [user["username"] for user in read(client, USERS)].count(f"ada{end}") == 1


NO_ADDRESSES = [
    *["ada", "ada@", "@example.com", "@", "", " ", "ada@example", "ada@eve@example.com", "ada@@example.com"],
    *["ada eve@example.com", "ada@exam ple.com", "ada\teve@example.com", "ada@exam\u00a0ple.com"],
    *["ada@example.com\nBcc: eve@evil.test", "ada@example.com\r\nBcc: eve@evil.test", "ada\n@example.com"],
    *["ada@example.com,eve@evil.test", "ada@example.com, eve@evil.test", "ada,eve@example.com"],
    *["<script>@example.com", "ada@<script>.example.com", "a<b@example.com", "a>b@example.com"],
    *[
        "ada@example.com'--",
        "ada@example.com' OR '1'='1",
        "ada@exam'ple.com",
        "ada@example.com;x",
        "ada@exa%mple.com",
    ],
    *[
        "ada@exam_ple.com",
        "ada@example.com/x",
        "ada@example.com?x=y",
        "ada@example.com#x",
        "ada@exam&ple.com",
    ],
    *["a\u0000da@example.com", "a\u0007da@example.com", "a\u007fda@example.com", "ada@exam\u0000ple.com"],
    *["a\u0085da@example.com", "a\u009fda@example.com", "a\u202eda@example.com", "ada@\u2066example.com"],
    *["ada@example.com\ud800", "\ud800@example.com"],
]


@pytest.mark.parametrize("email", rows(NO_ADDRESSES))
def test_invalid_addresses_are_422(client, share, values, email):
    share(lambda: register(client, f"ada{suffix(values, 10)}"))
    before = read(client, USERS)

    response = post_json(client, USERS, USER | {"email": email})

    assert response.status_code == 422
    assert read(client, USERS) == before


@pytest.mark.parametrize(
    "email",
    [
        *["o'brien@example.com", "a'or'1'='1@example.com", "ada.lovelace+shop@example.com", "a@example.com"],
        *["{{7*7}}@example.com", "`id`@example.com", "|id@example.com", "a/b@example.com", "-x@example.com"],
        *["=1+1@example.com", "a&b@example.com", "%s@example.com", "a%0ab@example.com", "*@example.com"],
        *["#!$?^~_@example.com", "Ada@example.com", f"{'x' * 64}@example.com"],
    ],
)
def test_unusual_addresses_are_kept(client, values, email):
    name = f"ada{suffix(values, 12)}"

    response = client.post(USERS, json={"username": name, "email": email})

    assert response.status_code == 201
    new = response.json()
    assert new == {"id": new["id"], "username": name, "email": email}


@pytest.mark.parametrize(
    ("method", "path", "payload", "status"),
    [
        ("GET", f"/posts/{UNKNOWN}", None, 404),
        ("GET", f"/posts/{UNKNOWN}/page", None, 404),
        ("GET", f"/posts/{UNKNOWN}/comments", None, 404),
        ("POST", f"/posts/{UNKNOWN}/comments", REMARK, 404),
        ("GET", "/users/nobody_at_all", None, 404),
        ("GET", "/posts/%3Cscript%3Ealert(1)", None, 422),
        ("GET", "/posts/%3Cscript%3Ealert(1)/page", None, 422),
        ("GET", "/users/%3Cscript%3Ealert(1)", None, 422),
        ("GET", "/posts?sort=%3Cscript%3Ealert(1)", None, 422),
        ("GET", "/posts?q=%00%3Cscript%3Ealert(1)", None, 422),
        ("GET", f"/posts?q={'x' * 201}", None, 422),
        ("GET", f"/posts?q={'%F0%9F%98%80' * 201}", None, 422),
        ("POST", POSTS, POST | {"title": "<script>alert(1)</script>\u0000"}, 422),
        ("POST", POSTS, POST | {"title": "\ud800"}, 422),
        ("POST", USERS, USER | {"username": "<script>alert(1)</script>"}, 422),
        ("POST", USERS, USER | {"username": "Ada"}, 409),
        ("POST", COMMENTS, REMARK | {"text": "\u202e"}, 422),
    ],
    ids=ascii,
)
def test_errors_are_problem_details(client, share, method, path, payload, status):
    post, _ = share(lambda: (write_post(client), client.post(USERS, json=USER | {"username": "ada"})))
    requests = {"GET": client.get, "POST": lambda url: send(client, url, payload)}

    response = requests[method](path.format(**post))

    assert response.status_code == status
    assert media_type(response) == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    assert {name: type(problem[name]) for name in ("type", "title", "detail")} == dict.fromkeys(
        ("type", "title", "detail"), str
    )
