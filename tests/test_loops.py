"""The rule that one request is judged at a time: which loops in acceptance tests may send requests."""

import pytest

from ladder.authoring.loops import loop_problems, unjudged_loops

HELPERS = """
def make(client, n):
    return client.post("/notes", json=n).raise_for_status().json()


def ask(client, n):
    return client.get(f"/notes/{n}")


def ask_again(client, n):
    return ask(client, n).json()


def test_it(client, server, at_once, race, eventually):
    {body}
"""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[client.get(path).status_code for path in paths]", id="a list"),
        pytest.param("{path: client.get(path) for path in paths}", id="values of an object"),
        pytest.param("{client.get(path): path for path in paths}", id="keys of an object"),
        pytest.param("all(client.get(path).is_success for path in paths)", id="a generator"),
        pytest.param("for path in paths: client.get(path)", id="a loop"),
        pytest.param("while client.get('/').json(): pass", id="a condition"),
        pytest.param("[server.client.get(path) for path in paths]", id="the client of a server"),
        pytest.param("[launch().client.get(path) for path in paths]", id="that of a new server"),
        pytest.param("[ask(client, n) for n in (1, 2)]", id="a helper"),
        pytest.param("[ask_again(client, n) for n in (1, 2)]", id="a helper of a helper"),
        pytest.param("list(map(client.get, paths))", id="map"),
        pytest.param("list(map(partial(ask, client), paths))", id="map with a helper"),
        pytest.param("[n for n in (1, 2) if ask(client, n)]", id="a filter"),
        pytest.param("[n for n in (1, 2) for m in client.get(f'/{n}').json()]", id="an inner loop"),
        pytest.param(
            "look = lambda n: client.get(n)\n    [look(n) for n in (1, 2)]", id="a lambda with a name"
        ),
        pytest.param(
            "[client.get(n).json() for n in (1, 2) if n.raise_for_status()]", id="another one is checked"
        ),
        pytest.param(
            "for path in paths:\n        answer = client.get(path)\n        answer.raise_for_status()",
            id="late",
        ),
    ],
)
def test_a_loop_that_sends_requests_before_anything_is_judged_is_found(body):
    source = HELPERS.replace("{body}", body)
    loop = next(line for line in body.splitlines() if "look =" not in line)
    line = [one.strip() for one in source.splitlines()].index(loop.strip()) + 1

    assert unjudged_loops(source) == [line]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[make(client, n) for n in (1, 2)]", id="a helper that checks"),
        pytest.param("[client.get(n).raise_for_status().json() for n in (1, 2)]", id="checked at once"),
        pytest.param("for n in (1, 2): client.delete(n).raise_for_status()", id="checked in a loop"),
        pytest.param("[note for note in client.get('/notes').json() if note['title']]", id="over one answer"),
        pytest.param("for note in ask(client, 1).json(): assert note", id="over a helper's answer"),
        pytest.param("at_once(5, lambda n: [ask(client, n) for n in (1, 2)])", id="at once"),
        pytest.param("race(5, lambda n: ask(client, n), table='notes')", id="a race"),
        pytest.param("[race(5, lambda n: ask(client, n)) for _ in range(3)]", id="several races"),
        pytest.param("eventually(lambda: [ask(client, n) for n in (1, 2)], [], seconds=1.0)", id="a wait"),
        pytest.param("server.cpu_seconds(lambda: [ask(client, n) for n in (1, 2)])", id="CPU time"),
        pytest.param("[settings.get(name) for name in names]", id="no client"),
        pytest.param("ask(client, 1)", id="no loop"),
    ],
)
def test_a_loop_that_prepares_or_sends_nothing_is_no_matter(body):
    assert unjudged_loops(HELPERS.replace("{body}", body)) == []


def test_an_author_is_told_the_place_and_what_to_write(course):
    assert list(loop_problems(course.exercise)) == []

    course.edit(
        "tests/test_tiny.py", '    new = {"text"', '    [client.get("/") for _ in "ab"]\n    new = {"text"'
    )

    (problem,) = loop_problems(course.exercise)
    assert problem.startswith("tests/test_tiny.py:9: this loop sends requests before anything is judged")
    assert "pytest.mark.parametrize" in problem
