"""Templates: fresh servers share one import where that changes nothing, and only there."""

import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ladder.client.errors import NoAnswerError
from ladder.services.postgresql import Postgresql
from ladder.serving import template
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner, warm_runner

APP = """
import time
from pathlib import Path

from fastapi import FastAPI

imported = time.perf_counter_ns()
said = []
{more}

app = FastAPI()


@app.get("/")
def read() -> list:
    said.append(1)
    return [imported, len(said), str(Path.cwd())]


@app.get("/end")
def end_template():
    import os, signal

    os.kill(os.getppid(), signal.SIGKILL)
"""
# What an import may do that a forked server would share with the next one, or miss.
LEFT_BEHIND = {
    "a file": "Path('notes.db').touch(exist_ok=False)",
    "a temporary file": "import tempfile; tempfile.mkdtemp()",
    "an open file": "file = open('/dev/null')",
    "a socket": "import socket; listener = socket.socket()",
    "a thread": "import threading; threading.Thread(target=time.sleep, args=(5,), daemon=True).start()",
    "a child": "import subprocess; child = subprocess.Popen(['sleep', '5'])",
    "shared memory": "import mmap; shared = mmap.mmap(-1, 4096)",
    "a way with a signal": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "a word": "print('hello')",
    "a delay": "time.sleep(0.3)",
}


@pytest.fixture(scope="module")
def runner():
    with closing(Runner(Path(sys.executable))) as runner:
        yield runner


@pytest.fixture
def launcher(runner, make_app):
    with closing(Launcher(runner, make_app(APP.replace("{more}", "")))) as launcher:
        yield launcher


def read_once(launcher, *arguments, **settings):
    """Launch a server, and give when its app was imported."""
    with closing(launcher.launch(*arguments, **settings)) as server:
        imported, visits, _ = server.client.get("/").json()
        assert visits == 1
        return imported


def test_from_the_second_on_fresh_servers_share_an_import_and_nothing_else(launcher):
    first, *others = [read_once(launcher) for _ in range(4)]

    assert len(set(others)) == 1
    assert first not in others


def test_what_does_not_start_fresh_is_imported_anew(launcher):
    shared = [read_once(launcher) for _ in range(3)][-1]
    server = launcher.launch()
    assert server.client.get("/").json()[0] == shared

    server.restart()
    restarted = server.client.get("/").json()[0]
    server.kill()
    killed = server.client.get("/").json()[0]
    server.close()
    others = [read_once(launcher, {"note.txt": "Milk"}) for _ in range(3)]

    assert len({shared, restarted, killed, *others}) == 6


def test_each_working_directory_and_each_choice_of_settings_has_a_template_of_its_own(launcher):
    imported = {}
    for _ in range(3):
        for colour in ("red", "blue"):
            with (
                closing(launcher.launch(COLOUR=colour)) as one,
                closing(launcher.launch(COLOUR=colour)) as two,
            ):
                for server in (one, two):
                    moment, _, folder = server.client.get("/").json()
                    imported[colour, folder] = moment

    assert len(imported) == len(set(imported.values())) == 4


@pytest.mark.parametrize("more", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_an_import_that_leaves_something_behind_or_takes_long_is_never_shared(
    runner, make_app, monkeypatch, more
):
    monkeypatch.setattr(template, "IMPORT_LIMIT", 0.25)
    with closing(Launcher(runner, make_app(APP.replace("{more}", more)))) as launcher:
        assert len({read_once(launcher) for _ in range(3)}) == 3


def test_an_import_that_stores_something_in_the_database_is_never_shared(make_app):
    app = make_app(
        APP.replace(
            "{more}",
            "import os, psycopg\n"
            "with psycopg.connect(os.environ['DATABASE_URL']) as connection:\n"
            "    connection.execute('CREATE TABLE visits (visit integer)')",
        )
    )
    with closing(Postgresql()) as postgresql:
        runner = warm_runner(Path(sys.executable), ("psycopg",))
        with closing(Launcher(runner, app, [postgresql])) as launcher:
            assert len({read_once(launcher) for _ in range(6)}) == 6


def test_servers_with_an_empty_database_share_an_import(make_app):
    with closing(Postgresql()) as postgresql:
        runner = warm_runner(Path(sys.executable), ("psycopg",))
        with closing(Launcher(runner, make_app(APP.replace("{more}", "")), [postgresql])) as launcher:
            # A database is dropped while the next server runs already, so that two names take turns.
            assert len({read_once(launcher) for _ in range(12)}) < 12


def test_an_app_that_ends_its_template_is_imported_anew(launcher):
    shared = {read_once(launcher) for _ in range(3)}
    with closing(launcher.launch()) as server, suppress(NoAnswerError):  # it may answer just before
        server.client.get("/end")

    assert read_once(launcher) not in shared
