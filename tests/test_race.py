"""Requests that compete: a race that is there is seen every time, and one that is not, never."""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from ladder.checking.race import compete
from ladder.client.errors import NoAnswerError
from ladder.serving.launcher import Launcher
from ladder.serving.runner import warm_runner

HEAD = """
import asyncio
from threading import Lock

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
lock = Lock()
last = 0
notes = {1: "milk"}
"""
NEXT = {
    "add to a global": """
@app.post("/next")
def give_next() -> int:
    global last
    last += 1
    return last
""",
    "read, then write": """
@app.post("/next")
def give_next() -> int:
    global last
    new = last + 1
    last = new
    return new
""",
    "await between reading and writing": """
@app.post("/next")
async def give_next() -> int:
    global last
    new = last + 1
    await asyncio.sleep(0)
    last = new
    return new
""",
    "with a lock": """
@app.post("/next")
def give_next() -> int:
    global last
    with lock:
        last += 1
        return last
""",
    "on the event loop": """
@app.post("/next")
async def give_next() -> int:
    global last
    last += 1
    return last
""",
}
TAKE = {
    "look, then take": """
@app.delete("/notes/1")
def take() -> str:
    if 1 not in notes:
        raise HTTPException(404)
    return notes.pop(1, "milk")
""",
    "take in one step": """
@app.delete("/notes/1")
def take() -> str:
    note = notes.pop(1, None)
    if note is None:
        raise HTTPException(404)
    return note
""",
}
WRONG = ["add to a global", "read, then write", "await between reading and writing"]
RIGHT = ["with a lock", "on the event loop"]


@pytest.fixture
def start(make_app):
    """Start an app that can be told to rest."""
    with ExitStack() as opened:

        def start(main):
            launcher = Launcher(warm_runner(Path(sys.executable), ()), make_app(HEAD + main))
            opened.callback(launcher.close)
            launcher.races = True
            server = launcher.launch()
            opened.callback(server.close)
            return server

        yield start


@pytest.fixture
def pool():
    with ThreadPoolExecutor(200) as pool:
        yield pool


@pytest.mark.parametrize("name", WRONG)
def test_a_number_that_is_given_twice_is_seen(start, pool, name):
    server = start(NEXT[name])

    given = compete(pool, 100, lambda _: server.client.post("/next").json(), [server])

    assert len(given) == 100
    assert len(set(given)) < 100


@pytest.mark.parametrize("name", RIGHT)
def test_numbers_that_are_given_once_are_given_once_in_a_race_as_well(start, pool, name):
    server = start(NEXT[name])

    given = compete(pool, 100, lambda _: server.client.post("/next").json(), [server])

    assert sorted(given) == list(range(1, 101))


@pytest.mark.parametrize(
    ("name", "is_right"), [("look, then take", False), ("take in one step", True)], ids=["wrong", "right"]
)
def test_what_is_taken_twice_is_seen(start, pool, name, is_right):
    server = start(TAKE[name])

    statuses = compete(pool, 40, lambda _: server.client.delete("/notes/1").status_code, [server])

    assert (Counter(statuses) == {200: 1, 404: 39}) is is_right


def test_requests_before_a_race_use_up_no_pauses(start, pool):
    server = start(NEXT["add to a global"])
    for number in range(1, 31):
        assert server.client.post("/next").json() == number

    given = compete(pool, 40, lambda _: server.client.post("/next").json(), [server])

    assert len(set(given)) < 40


def test_only_the_first_request_of_a_call_waits_and_results_are_in_order(start, pool):
    server = start(NEXT["with a lock"])

    def call(number):
        server.client.post("/next").raise_for_status()
        return number, server.client.get("/nothing").status_code

    results = compete(pool, 20, call, [server])

    assert results == [(number, 404) for number in range(20)]


def test_a_call_that_sends_nothing_is_not_waited_for_and_what_it_raises_is_raised(start, pool):
    server = start(NEXT["with a lock"])

    def call(number):
        if number == 3:
            raise ValueError(number)
        return server.client.post("/next").json()

    begun = time.monotonic()
    with pytest.raises(ValueError, match="3"):
        compete(pool, 10, call, [server])

    assert time.monotonic() - begun < 4
    assert server.client.post("/next").json() == 10


def test_a_server_of_somebody_elses_is_not_stopped_and_gets_all_requests_in_one_moment(start, pool):
    server = start(NEXT["await between reading and writing"].replace("sleep(0)", "sleep(0.02)"))

    given = compete(pool, 40, lambda _: server.client.post("/next").json(), [])

    assert len(set(given)) < 40


@pytest.mark.parametrize("warm", [True, False])
def test_a_restarted_server_goes_on_through_a_race(start, pool, warm):
    server = start(NEXT["on the event loop"])
    server.restart(warm=warm)

    given = compete(pool, 40, lambda _: server.client.post("/next").json(), [server])

    assert sorted(given) == list(range(1, 41))


def test_an_app_that_has_ended_is_told_by_the_calls(start, pool):
    server = start('@app.post("/next")\ndef end() -> None:\n    import os\n    os._exit(3)\n')

    with pytest.raises(NoAnswerError, match="was not answered"):
        compete(pool, 3, lambda _: server.client.post("/next"), [server])


WORK = """
@app.get("/work")
def work(rounds: int) -> int:
    return sum(number * number for number in range(rounds))


@app.get("/rest")
async def rest() -> None:
    await asyncio.sleep(0.2)
"""


def test_cpu_seconds_tell_work_from_waiting(start):
    server = start(WORK)
    client = server.client

    little = server.cpu_seconds(lambda: client.get("/work?rounds=10"))
    much = server.cpu_seconds(lambda: client.get("/work?rounds=1000000"))
    waiting = server.cpu_seconds(lambda: client.get("/rest"), rounds=2)

    assert 0 < little < 0.02
    assert much > 5 * little
    assert waiting < 0.1
