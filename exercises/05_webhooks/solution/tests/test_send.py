"""The command `python -m webhooks.send`, as a shell runs it, against a real server."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ANOTHER = {"CRM_WEBHOOK_SECRET": "another"}
SOLUTION = Path(__file__).parent.parent
LIMIT = 20
"""Seconds that any of these processes may take."""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Run the reference on a free port, which its log names, with its default secret."""
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "uvicorn", "--app-dir", SOLUTION, "webhooks.main:app", "--port", "0"]
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as server:
        try:
            yield f"{wait_for_base(server, log)}/webhooks/crm"
        finally:
            server.kill()


def wait_for_base(server, log):
    """Give the base URL that uvicorn prints once it listens."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline and server.poll() is None:
        found = re.search(r"running on (http://\S+)", log.read_text())
        if found is not None:
            return found[1]
        time.sleep(0.02)
    pytest.fail(f"The server does not start: {log.read_text()}")


def send(*arguments, body=b"", **environment):
    """Run the command with this standard input, and these environment variables more."""
    unset = {name: value for name, value in os.environ.items() if name != "CRM_WEBHOOK_SECRET"}
    return subprocess.run(
        [sys.executable, "-m", "webhooks.send", *arguments],
        input=body,
        capture_output=True,
        env={**unset, "PYTHONPATH": str(SOLUTION), **environment},
        timeout=LIMIT,
        check=False,
    )


@pytest.fixture(scope="module")
def refusing_url():
    """Give a URL on a port that nobody listens on, and nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_a_file_is_sent_with_the_receivers_own_default_secret(url, tmp_path):
    file = tmp_path / "event.json"
    file.write_bytes(b'{"event": "user.created"}\r\n\xff')

    done = send(str(file), "--url", url)

    assert done.stdout.decode().splitlines() == ["202", '{"status":"received"}']
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_dash_is_the_standard_input(url):
    done = send("-", "--url", url, body=b"\x00\xff")

    assert done.stdout.decode().splitlines()[0] == "202"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("options", "environment"),
    [(["--secret", "another"], {}), ([], ANOTHER)],
    ids=["option", "environment"],
)
def test_a_refused_webhook_is_printed_with_its_answer_and_status_1(url, options, environment):
    done = send("-", "--url", url, *options, **environment)

    assert done.stdout.decode().splitlines()[0] == "403"
    assert (done.returncode, done.stderr) == (1, b"")


def test_the_option_takes_the_place_of_the_environment(url):
    done = send("-", "--url", url, "--secret", "uniti-ai-is-hiring", **ANOTHER)

    assert done.returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["missing.json"], id="no such file"),
        pytest.param(["."], id="a folder"),
        pytest.param(["-"], id="nobody listens"),
        pytest.param(["-", "--url", "http://[::1/"], id="no URL"),
        pytest.param(["-", "--url", "http://127.0.0.1:1/a b"], id="a blank in the URL"),
    ],
)
def test_what_cannot_be_sent_is_one_sentence_and_status_2(refusing_url, arguments):
    done = send("--url", refusing_url, *arguments)

    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.decode().splitlines()) == 1
    assert b"Traceback" not in done.stderr


def test_a_url_of_a_file_is_refused(tmp_path):
    done = send("-", "--url", tmp_path.as_uri())

    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr
