"""What a report says of a failure: the request that failed, both sides of the comparison, what the app was given."""

import pytest

from ladder.checking.check import check
from ladder.checking.explain import compare
from ladder.client.strict_json import JsonArray, JsonObject

ECHO = '''
import os
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse

app = FastAPI()


@app.api_route("/old/{place}", methods=["GET"])
def redirect(place: str):
    return RedirectResponse("/new")


@app.get("/missing/{place}", status_code=404)
def miss(): ...


@app.get("/todo", status_code=501)
def wait(): ...


@app.get("/{place}")
def read(place: str, request: Request):
    """Return where."""
    return {"place": place, "list": [1, "two", None], "file": Path("a.txt").exists() and Path("a.txt").read_text()}
'''
FIRST = "def test_the_first_greeting_is_hello"
SECOND = """

def test_a_new_greeting_replaces_the_old_one(client):
    assert client.get('/second').status_code == 200
"""


@pytest.fixture
def fail(course):
    """Run a test on an app that says where it was asked, and give its failure; `{}` stands for the function's name."""

    def fail(test, more=SECOND):
        course.write("scenarios/00_tiny/solution/tiny/main.py", ECHO)
        course.write("scenarios/00_tiny/tests/test_tiny.py", test.replace("def {}", FIRST) + more)
        return check(course.exercise, seed=1).results[0].failures[0]

    return fail


@pytest.mark.parametrize(
    ("body", "target"),
    [
        pytest.param(
            "response = client.get('/1')\n    client.get('/2')\n    assert response.status_code == 404",
            "/1",
            id="an answer",
        ),
        pytest.param(
            "place = client.get('/1').json()['place']\n    client.get('/2')\n    assert place == 'one'",
            "/1",
            id="a part of it",
        ),
        pytest.param(
            "before = client.get('/1').json()\n    after = client.get('/2').json()\n    client.get('/3')\n"
            "    assert after == before",
            "/2",
            id="the later one of two",
        ),
        pytest.param(
            "answers = [client.get(f'/{n}') for n in range(3)]\n    client.get('/5')\n"
            "    places = [answer.json()['place'] for answer in answers]\n    assert places == []",
            "/2",
            id="one behind another",
        ),
        pytest.param(
            "note = client.get('/1')\n    assert client.get('/2').json() == note.json()", "/2", id="within"
        ),
        pytest.param(
            "client.get('/1')\n    assert (\n        client.get('/2')\n        .json()\n    ) == 5",
            "/2",
            id="lines",
        ),
        pytest.param(
            "response = client.get('/1')\n    client.get('/2')\n    expect(response, 404)",
            "/1",
            id="a helper",
        ),
        pytest.param(
            "answer = ask(client, '/1')\n    client.get('/2')\n    assert answer == 5",
            "/1",
            id="through a helper",
        ),
        pytest.param(
            "answer = client.get('/missing/1')\n    client.get('/2')\n    answer.raise_for_status()",
            "/missing/1",
            id="raised",
        ),
        pytest.param(
            "client.get('/1')\n    client.get('/2')\n    assert values is None", "/2", id="none that is known"
        ),
        pytest.param(
            "at_once(9, lambda n: client.get('/missing/3' if n == 3 else f'/{n}').raise_for_status())",
            "/missing/3",
            id="one of many at once",
        ),
        pytest.param("eventually(lambda: client.get('/1').json(), 5, seconds=0.1)", "/1", id="a wait"),
        pytest.param(
            "with_it = {n: client.get('/1') for n in 'ab'}\n    for one in with_it.values():\n        assert one == 5",
            "/1",
            id="a loop",
        ),
    ],
)
def test_the_request_that_is_shown_is_the_one_that_failed(fail, body, target):
    helpers = (
        "def expect(response, status):\n    assert response.status_code == status\n\n\n"
        "def ask(client, target):\n    return client.get(target).json()\n\n\n"
    )

    failure = fail(f"{helpers}def {{}}(client, values, at_once, eventually):\n    {body}\n")

    assert failure.exchanges[-1].target == target


def test_what_was_asked_afterwards_is_not_shown(fail):
    failure = fail(
        "def {}(client):\n    client.get('/0')\n    response = client.get('/1')\n    client.get('/2')\n\n"
        "    assert response.status_code == 404\n"
    )

    assert [exchange.target for exchange in failure.exchanges] == ["/0", "/1"]
    assert failure.endpoint == "main.py:25 read"


def test_many_requests_at_once_are_counted_by_their_statuses(fail):
    failure = fail(
        "def {}(client, at_once):\n"
        "    answers = at_once(5, lambda n: client.get('/missing/1' if n == 2 else '/1').status_code)\n\n"
        "    assert answers == []\n"
    )

    assert failure.together == {"200": 4, "404": 1}


@pytest.mark.parametrize(
    ("assertion", "expected", "actual"),
    [
        pytest.param("body['place'] == 'x'", '"x"', '"1"', id="equal"),
        pytest.param("body['place'] != '1'", 'anything but "1"', '"1"', id="not equal"),
        pytest.param("len(body) < 3", "less than 3", "3", id="less"),
        pytest.param("len(body) >= 4", "at least 4", "3", id="at least"),
        pytest.param("body['place'] in {'x': 1}", 'one of {\n  "x": 1\n}', '"1"', id="one of several"),
        pytest.param(
            "5 in body['list']", "something that contains 5", '[\n  1,\n  "two",\n  null\n]', id="a member"
        ),
        pytest.param(
            "'x' in response.text[:9]", 'something that contains "x"', r'"{\"place\":"', id="a part"
        ),
        pytest.param("1 not in body['list'][:1]", "none of [\n  1\n]", "1", id="no member"),
        pytest.param("type(body['list']) is str", "string", "array", id="type of an array"),
        pytest.param("type(body) is list", "array", "object", id="type of an object"),
        pytest.param("type(body['list'][0]) is bool", "boolean", "integer", id="type of a number"),
        pytest.param("type(body['list'][2]) is float", "number", "null", id="type of null"),
        pytest.param(
            "{type(one) for one in body['list'][:1]} == {str}",
            "{string}",
            "{integer}",
            id="types",
        ),
    ],
)
def test_both_sides_of_any_comparison_are_said_in_terms_of_json(fail, assertion, expected, actual):
    failure = fail(
        f"def {{}}(client):\n    response = client.get('/1')\n    body = response.json()\n\n    assert {assertion}\n"
    )

    assert (failure.expected, failure.actual) == (expected, actual)
    assert failure.message == f"assert {assertion}"
    assert "ladder.client.http" not in failure.model_dump_json()


def test_what_is_no_comparison_is_said_in_words_without_our_types(fail):
    failure = fail(
        "def {}(client):\n    body = client.get('/1').json()\n\n    assert isinstance(body['list'], str)\n"
    )

    assert failure.message.startswith("assert isinstance(body['list'], str)")
    assert "ladder.client.http" not in failure.message


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param(
            "client.get('/1').json()['id']",
            "The answer is not of the form that the ticket gives: client.get('/1').json()['id'] raised KeyError: 'id'",
            id="an answer",
        ),
        pytest.param(
            "raise __import__('psycopg').errors.UndefinedTable('no table')",
            "The database is not of the form that the ticket gives: raise __import__('psycopg').errors."
            "UndefinedTable('no table') raised psycopg.errors.UndefinedTable: no table",
            id="a database",
        ),
    ],
)
def test_what_is_not_there_is_said_of_the_answer_or_of_the_database(fail, statement, message):
    assert fail(f"def {{}}(client):\n    {statement}\n").message == message


def test_a_wait_in_vain_says_what_it_waited_for_and_what_the_app_was_given(fail):
    failure = fail(
        "def {}(launch, eventually):\n"
        "    server = launch(files={'a.txt': 'one', 'b.txt': b'x' * 5_000}, GREETING='Hi')\n"
        "    server.files.replace('a.txt', 'two')\n\n"
        "    eventually(lambda: server.client.get('/1').json()['file'], 'three', seconds=0.1)\n"
    )

    assert failure.message == "Waited 0.1 seconds for what is expected."
    assert (failure.expected, failure.actual) == ('"three"', '"two"')
    assert failure.given.settings == {"GREETING": "Hi"}
    assert failure.given.files["a.txt"] == "two"
    assert failure.given.files["b.txt"].endswith("x… (3000 characters more)")


def test_what_the_app_was_given_is_that_of_the_server_that_was_asked(fail):
    failure = fail(
        "def {}(launch):\n    one, two = launch(GREETING='1'), launch(GREETING='2')\n    two.client.get('/2')\n"
        "    response = one.client.get('/1')\n    two.client.get('/2')\n\n    assert response.status_code == 404\n"
    )

    assert failure.given.settings == {"GREETING": "1"}


def test_a_server_that_was_given_nothing_needs_no_word(fail):
    assert fail("def {}(launch):\n    assert launch().client.get('/1').status_code == 404\n").given is None


def test_a_redirect_keeps_its_location(fail):
    failure = fail("def {}(client):\n    assert client.get('/old/1').status_code == 200\n")

    assert (failure.exchanges[-1].status, failure.exchanges[-1].location) == (307, "/new")


LONG = "same " * 2_000


@pytest.mark.parametrize(
    ("got", "wanted", "shown_got", "shown_wanted"),
    [
        pytest.param(
            f"{LONG}A{LONG}",
            f"{LONG}B{LONG}",
            f"… 9,961 characters the same … {LONG[9960:]}A",
            f"… 9,961 characters the same … {LONG[9960:]}B",
            id="in the middle",
        ),
        pytest.param(f"A{LONG}", f"B{LONG}", '"Asame', '"Bsame', id="at the beginning"),
        pytest.param(
            f"{LONG}A",
            LONG,
            "… 9,961 characters the same …",
            "… 9,961 characters the same …",
            id="at the end",
        ),
    ],
)
def test_long_values_are_cut_around_the_first_difference(got, wanted, shown_got, shown_wanted):
    found = compare(got, wanted)
    in_body = compare({"id": 1, "text": got}, {"id": 1, "text": wanted})

    assert found["actual"].startswith(shown_got)
    assert found["expected"].startswith(shown_wanted)
    lines = {line[:1]: line for line in in_body["difference"][3:] if line[:1] in "+-"}
    assert shown_got.strip('"')[-3:] in lines["-"]
    assert shown_wanted.strip('"')[-3:] in lines["+"]
    assert max(map(len, [found["actual"], found["expected"], *in_body["difference"]])) < 500


def test_a_short_value_is_shown_as_a_whole():
    found = compare(JsonObject(a=JsonArray([1, 2])), {"a": [1, 3]})

    assert found["difference"][2:] == [
        "@@ -1,6 +1,6 @@",
        " {",
        '   "a": [',
        "     1,",
        "-    2",
        "+    3",
        "   ]",
        " }",
    ]


def test_a_value_of_many_lines_is_cut_around_the_first_difference():
    found = compare(list(range(5_000)), [*range(4_000), "x", *range(4_001, 5_000)])

    assert "4000,\n" in found["actual"]
    assert '"x",\n' in found["expected"]
    assert len(found["actual"]) < 2_500


GIVEN = "def read(client):\n    return client.get('/missing/4').raise_for_status().json()\n\n\n"
THEN = "    response = client.get('/todo')\n\n    assert response.status_code == 501\n    assert read(client) == 5\n"
OWN = """

def test_a_new_greeting_replaces_the_old_one(client):
    client.get('/other')

    response = client.get('/missing/77')

    assert response.status_code == 200
"""
USING = f"""{GIVEN}def {{}}(client):
    read(client)

    response = client.get('/x')

    assert response is None
"""


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        pytest.param(f"{GIVEN}def {{}}(client):\n{THEN}", OWN, 2, id="the then of another criterion"),
        pytest.param(
            USING,
            OWN,
            2,
            id="the given of another criterion",
        ),
        pytest.param(
            f"{GIVEN}def {{}}(client):\n{THEN}", OWN.replace("77", "77/8"), 1, id="about something else"
        ),
        pytest.param(
            "def {}(client):\n    response = client.get('/missing/1')\n\n    assert response is None\n",
            OWN,
            1,
            id="its own",
        ),
    ],
)
def test_the_failure_shown_first_is_that_of_the_criterion_about_the_request_that_failed(
    course, fail, first, second, number
):
    fail(first, second)

    assert check(course.exercise, seed=1).first_failure.number == number


def test_what_a_starter_answers_is_to_do(course, fail):
    fail("def {}(client):\n    assert client.get('/todo').status_code == 200\n")

    report = check(course.exercise, seed=1)

    assert [(result.outcome.value, result.to_do) for result in report.results] == [
        ("failed", True),
        ("passed", False),
    ]
