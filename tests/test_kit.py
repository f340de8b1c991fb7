"""The acceptance kit: what plain pytest does with an exercise, and what its fixtures give."""

import contextlib
import io
import os
import re
import sys
import threading
import time
from pathlib import Path

import pytest

from ladder.base.errors import LadderError
from ladder.checking.check import check, forget_modules
from ladder.checking.kit import statement_at
from ladder.checking.report import Outcome
from ladder.checking.values import Values
from ladder.client import websocket

ROOT = Path(__file__).parent.parent
STICKY_NOTES = ROOT / "scenarios/00_sticky_notes"
CHAT = """
from fastapi import FastAPI, WebSocket

app = FastAPI()
said = []


@app.get("/said")
def list_said():
    return said


@app.websocket("/chat")
async def chat(websocket: WebSocket):
    await websocket.accept()
    said.append(await websocket.receive_text())
    await websocket.send_json({"said": said})
    await websocket.close()
"""
CHAT_TESTS = """
import json


def test_the_first_greeting_is_hello(client, websocket):
    with websocket("/chat") as connection:
        connection.send("Hello")
        answer = json.loads(connection.recv())

    assert answer == {"said": ["Hello"]}
    assert client.get("/said").json() == ["Hello"]


def test_a_new_greeting_replaces_the_old_one(launch):
    server = launch()
    with server.websocket("/chat") as connection:
        connection.send("Hi")
        connection.recv()

    assert server.client.get("/said").json() == ["Hi"]
"""
TALK_TESTS = """
def test_the_first_greeting_is_hello(websocket):
    with websocket("/chat?loud=1") as connection:
        connection.send("Hello")
        assert connection.recv_json() == {"said": ["Moin"]}


def test_a_new_greeting_replaces_the_old_one(launch):
    with launch().websocket("/nowhere") as connection:
        connection.send("Hello")
"""
SILENT_TESTS = """
def test_the_first_greeting_is_hello(websocket):
    with websocket("/chat") as connection:
        connection.recv()


def test_a_new_greeting_replaces_the_old_one(websocket):
    with websocket("/chat") as connection:
        connection.send("Hello")
        connection.recv()
        connection.recv_json()
"""
ENDING_TESTS = """
def test_the_first_greeting_is_hello(websocket):
    with websocket("/chat") as connection:
        connection.send("Hello")
        assert list(connection) == ['{"said":["Hello"]}']


def test_a_new_greeting_replaces_the_old_one(launch):
    server = launch()
    with server.websocket("/chat") as connection:
        server.process.send_signal(9)
        list(connection)
"""
COUNTER = """
from fastapi import FastAPI

app = FastAPI()
visits = []


@app.post("/visits")
def visit():
    visits.append(None)
    return len(visits)
"""
COUNTER_TESTS = """
import pytest


@pytest.mark.parametrize("row", [1, 2, 3])
def test_the_first_greeting_is_hello(client, row):
    assert client.post("/visits").json() == row


@pytest.mark.parametrize("row", [1, 2])
def test_a_new_greeting_replaces_the_old_one(client, launch, fresh_client, row):
    assert client.post("/visits").json() == row
    assert fresh_client.post("/visits").json() == 1
    assert launch().client.post("/visits").json() == 1
"""
LAUNCH_TESTS = """
import pytest


def test_the_first_greeting_is_hello(launch):
    server = launch(files={"note.txt": "Milk"}, GREETING="Good day")
    server.client.get("/greeting")

    server.restart()
    assert server.client.get("/greeting").json() == {"text": "Good day"}
    server.kill()
    assert server.client.get("/greeting").json() == {"text": "Good day"}
    assert server.files.read("note.txt") == b"Milk"
    assert (server.source / "main.py").is_file()
    assert server.log == "here\\n" * 3


def test_a_new_greeting_replaces_the_old_one(launch, client):
    other = launch()
    client.put("/greeting", json={"text": "Hi"})

    assert client.get("/greeting").json() == {"text": "Hi"}
    assert other.client.get("/greeting").json() == {"text": "Hello"}
"""

BESIDE_TESTS = """
def test_the_first_greeting_is_hello(launch):
    server = launch(files={"note.txt": "Milk"}, GREETING="Good day")
    other = launch(beside=server)

    assert other.client.get("/greeting").json() == {"text": "Good day"}
    assert other.files.read("note.txt") == b"Milk"


def test_a_new_greeting_replaces_the_old_one(launch):
    server = launch()
    other = launch(beside=server, GREETING="Hi")

    assert other.client.get("/greeting").json() == {"text": "Hi"}
    assert server.client.get("/greeting").json() == {"text": "Hello"}
"""
TOOL_TESTS = """
def test_the_first_greeting_is_hello(tool, launch):
    tool("git", "init", "--quiet", files={".gitignore": (launch().source / ".gitignore").read_bytes()})

    assert tool("git", "check-ignore", "--no-index", ".env") == (0, ".env\\n")


def test_a_new_greeting_replaces_the_old_one(tool):
    tool("promtool", "--version")
"""


@pytest.fixture
def run_pytest(course):
    """Run pytest on the exercise within this process, and give its status and its output."""

    def run_pytest(*arguments):
        printed = io.StringIO()
        options = [
            "-q",
            "-s",
            "-c",
            os.devnull,
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
        ]
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = pytest.main([*options, "--rootdir", str(course.root), str(course.folder), *arguments])
        forget_modules(course.folder / "tests")
        return status, printed.getvalue()

    return run_pytest


def outcomes(report):
    """Return the outcomes in the order of the criteria, with the reasons of those that did not pass."""
    return [(one.outcome, [failure.message for failure in one.failures]) for one in report.results]


def counts(output):
    """Read the counts of pytest's last line."""
    return {word: int(number) for number, word in re.findall(r"\b(\d+) (\w+)", output.splitlines()[-1])}


def test_plain_pytest_passes_on_the_reference_of_scenario_0(command):
    run = command.run("-m", "pytest", "-q", "--rootdir", ROOT, "-c", ROOT / "pyproject.toml", STICKY_NOTES)

    assert run.returncode == 0, run.stdout
    assert counts(run.stdout).keys() == {"passed"}


def test_plain_pytest_fails_on_a_starter_and_shows_what_it_got(run_pytest, course):
    status, output = run_pytest("-v", "--seed", "5", "--app", str(course.folder / "starter"))

    assert status == 1
    assert "ladder: --seed 5" in output
    assert "2 failed" in output.splitlines()[-1]
    assert "passed" not in output.splitlines()[-1]
    assert "request: curl -i -g http://127.0.0.1:8000/greeting" in output
    assert 'answer: 501 {"detail":"Not Implemented"}' in output


def test_plain_pytest_tells_an_app_that_does_not_start_in_a_sentence(run_pytest, course):
    course.edit("solution/tiny/main.py", "app = FastAPI()", "app = FastAPI(")

    status, output = run_pytest()

    assert status == 1
    assert "does not start. The app exited with status 1" in output
    assert "The app does not start: see the first failure." in output
    assert "SyntaxError: '(' was never closed" in output


def test_plain_pytest_refuses_tests_and_criteria_that_do_not_belong_together(run_pytest, course):
    course.edit("tests/test_tiny.py", "def test_the_first_greeting_is_hello", "def test_something_else")

    status, output = run_pytest()

    assert status == 4
    assert "criterion 1 has no test: write test_the_first_greeting_is_hello" in output
    assert "passed" not in output


def test_plain_pytest_leaves_out_what_a_running_server_cannot_give(run_pytest, running):
    status, output = run_pytest("--url", running)

    assert status == 0
    assert counts(output) == {"passed": 1, "deselected": 1}


def test_a_websocket_and_the_client_speak_with_the_same_server(course):
    course.write("scenarios/00_tiny/solution/tiny/main.py", CHAT)
    course.write("scenarios/00_tiny/tests/test_tiny.py", CHAT_TESTS)

    report = check(course.exercise)

    assert outcomes(report) == [(Outcome.PASSED, [])] * 2


def test_a_report_shows_what_was_said_over_a_websocket(course):
    course.write("scenarios/00_tiny/solution/tiny/main.py", CHAT)
    course.write("scenarios/00_tiny/tests/test_tiny.py", TALK_TESTS)

    wrong, refused = (result.failures[0] for result in check(course.exercise).results)

    assert "Moin" in wrong.expected
    assert [(one.target, one.status) for one in wrong.exchanges] == [("/chat?loud=1", 101)]
    assert wrong.exchanges[0].curl == "python -m websockets 'ws://127.0.0.1:8000/chat?loud=1'"
    assert wrong.exchanges[0].answer == '> Hello\n< {"said":["Hello"]}\n'
    assert [(one.target, one.status) for one in refused.exchanges] == [("/nowhere", 403)]


def test_a_websocket_that_stays_silent_or_closes_is_told_in_words(course, monkeypatch):
    monkeypatch.setattr(websocket, "answer_limit", lambda: 0.5)
    course.write("scenarios/00_tiny/solution/tiny/main.py", CHAT)
    course.write("scenarios/00_tiny/tests/test_tiny.py", SILENT_TESTS)

    silent, closed = (result.failures[0] for result in check(course.exercise).results)

    assert silent.message == "The app sent no message over the WebSocket /chat within 0.5 seconds."
    assert closed.message == "The WebSocket /chat was closed by the app: 1000 (OK)."


def test_the_messages_of_a_websocket_end_with_it(course):
    course.write("scenarios/00_tiny/solution/tiny/main.py", CHAT)
    course.write("scenarios/00_tiny/tests/test_tiny.py", ENDING_TESTS)

    ended, broken = check(course.exercise).results

    assert (ended.outcome, ended.failures) == (Outcome.PASSED, [])
    assert broken.failures[0].message == "The WebSocket /chat broke."


def test_the_rows_of_a_table_share_a_server_and_criteria_do_not(course):
    course.write("scenarios/00_tiny/solution/tiny/main.py", COUNTER)
    course.write("scenarios/00_tiny/tests/test_tiny.py", COUNTER_TESTS)

    report = check(course.exercise)

    assert outcomes(report) == [(Outcome.PASSED, [])] * 2


def test_a_server_that_was_launched_has_all_that_its_tests_need(course):
    course.write("scenarios/00_tiny/tests/test_tiny.py", LAUNCH_TESTS)
    course.edit("solution/tiny/main.py", "    return said[-1]", "    print('here')\n    return said[-1]")

    report = check(course.exercise)

    assert outcomes(report) == [(Outcome.PASSED, [])] * 2


def test_two_processes_of_an_app_run_side_by_side(course):
    course.write("scenarios/00_tiny/tests/test_tiny.py", BESIDE_TESTS)

    report = check(course.exercise)

    assert outcomes(report) == [(Outcome.PASSED, [])] * 2


def test_a_file_that_is_no_python_is_judged_with_a_tool_that_the_exercise_names(course):
    course.write("scenarios/00_tiny/tests/test_tiny.py", TOOL_TESTS)
    course.write("scenarios/00_tiny/solution/tiny/.gitignore", ".env\n")
    course.edit("exercise.toml", "services = []\n", 'services = []\ntools = ["git"]\n')

    report = check(course.exercise)

    assert outcomes(report) == [
        (Outcome.PASSED, []),
        (Outcome.ERROR, ["scenarios/00_tiny/exercise.toml names no tool promtool."]),
    ]


def test_what_needs_a_tool_that_is_missing_is_not_judged(course, monkeypatch, tmp_path):
    course.write("scenarios/00_tiny/tests/test_tiny.py", TOOL_TESTS)
    course.edit("exercise.toml", "services = []\n", 'services = []\ntools = ["git", "promtool"]\n')
    monkeypatch.setenv("PATH", str(tmp_path))

    report = check(course.exercise, python=Path(sys.executable))

    outcome, [message] = outcomes(report)[1]
    assert outcome is Outcome.ERROR
    assert "Debian, Ubuntu: apt install prometheus" in message


def test_a_launch_with_a_setting_that_is_not_declared_is_an_error(run_pytest, course):
    course.edit("tests/test_tiny.py", "(fresh_client):\n", "(launch):\n    launch(COLOUR='blue')\n")

    status, output = run_pytest()

    assert status == 1
    assert "scenarios/00_tiny/exercise.toml names no setting COLOUR." in output
    assert counts(output) == {"failed": 1, "passed": 1}


def test_calls_at_once_give_their_results_in_order(at_once):
    everybody = threading.Barrier(30)

    results = at_once(30, lambda number: (everybody.wait(timeout=10), number)[1])

    assert results == list(range(30))


def test_the_next_calls_at_once_do_not_wait_for_new_threads(at_once):
    everybody = threading.Barrier(30)

    first, again = (
        at_once(30, lambda _: (everybody.wait(timeout=10), threading.get_ident())[1]) for _ in range(2)
    )

    assert len(set(first)) == len(set(again)) == 30
    assert len({*first, *again}) < 45  # one that has only just been over may be too busy yet


def test_of_more_than_256_calls_at_once_the_others_follow(at_once):
    everybody = threading.Barrier(256)

    threads = at_once(
        300, lambda number: (number < 256 and everybody.wait(timeout=10), threading.get_ident())[1]
    )

    assert len(set(threads)) == 256


def test_an_error_in_one_of_the_calls_at_once_is_an_error_when_all_are_over(at_once):
    def call(number):
        time.sleep(0.1 * (number == 4))
        over.append(number)
        return 1 / (number - 3)

    over = []

    with pytest.raises(ZeroDivisionError):
        at_once(5, call)

    assert sorted(over) == list(range(5))


def test_values_come_from_their_seed():
    first, again, other = (Values(seed) for seed in ("1 test_a", "1 test_a", "1 test_b"))

    texts = [[values.text() for _ in range(5)] for values in (first, again, other)]

    assert texts[0] == texts[1]
    assert set(texts[0]).isdisjoint(texts[2])


def test_values_never_repeat_within_a_test(values):
    texts = [values.text(1) for _ in range(2000)]
    addresses = [values.email() for _ in range(2000)]

    assert len(set(texts)) == 2000
    assert len(set(addresses)) == 2000


def test_a_text_has_as_many_words_as_it_should_and_an_address_is_valid(values):
    assert re.fullmatch(r"[a-z]+ [a-z]+ [a-z]+ \d+", values.text())
    assert re.fullmatch(r"[a-z]+ \d+", values.text(1))
    assert re.fullmatch(r"[a-z]+\.\d+@example\.com", values.email())


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        pytest.param(2, 'note = client.post(\n    "/notes",\n)', id="its first line"),
        pytest.param(4, 'note = client.post(\n    "/notes",\n)', id="its last line"),
        pytest.param(5, "for row in (\n    1,\n):", id="the head of a block"),
        pytest.param(7, "for row in (\n    1,\n):", id="the end of that head"),
        pytest.param(8, "assert note == row", id="within the block"),
    ],
)
def test_the_statement_at_a_line_is_the_innermost_one(line, statement):
    source = """\
def test_it(client):
    note = client.post(
        "/notes",
    )
    for row in (
        1,
    ):
        assert note == row
"""

    assert statement_at(source, line) == statement


def test_a_test_that_belongs_to_no_exercise_has_no_app(kit, request):
    with pytest.raises(LadderError, match=r"test_kit\.py is not in the tests folder of an exercise"):
        kit.launcher_for(request.path)
