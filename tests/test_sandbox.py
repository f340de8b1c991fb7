"""The sandbox: each of its promises, tried by an app that does its worst, and what happens where there is none."""

import os
import re
import shutil
import socket
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from ladder.base.errors import AppFaultError, SandboxError, ShortMemoryError
from ladder.checking.race import compete
from ladder.client.errors import NoAnswerError
from ladder.course.catalog import App
from ladder.inside.cell import is_below
from ladder.inside.confinement import COVERED
from ladder.sandbox import bubblewrap as sandboxes
from ladder.sandbox.bubblewrap import Sandbox
from ladder.sandbox.promises import PROMISES, ask, break_promise
from ladder.sandbox.runner import open_cell
from ladder.serving.launcher import Launcher

PYTHON = Path(sys.executable)
HELLO = """
import os
import time
from fastapi import FastAPI

app = FastAPI()
last = 0


@app.get("/")
def here():
    print("asked")
    return {"environment": dict(os.environ), "folder": os.getcwd(), "files": sorted(os.listdir())}


def try_to_write(name):
    try:
        file = os.open(name, os.O_WRONLY | os.O_NONBLOCK)
        while True:
            os.write(file, bytes(2**16))
    except OSError as error:
        return error.strerror


@app.get("/written")
def write():
    return [try_to_write(name) for name in ("full", "logs/slow")]


@app.get("/next")
def give_next():
    global last
    last += 1
    return last


@app.get("/hang")
def hang():
    time.sleep(1000)


@app.get("/leave")
def leave():
    if os.fork() == 0:
        while True:
            os.fork()
    os.kill(-1, 9)
    os._exit(0)
"""


LATE = """
import os, sys, xmlrpc.client  # which nothing has imported before
from importlib.metadata import version
from fastapi import FastAPI

app = FastAPI(version=version("fastapi"))


@app.get("/")
def here():
    return {"prefix": sys.prefix, "writable": os.access(sys.prefix, os.W_OK)}
"""


NEIGHBOUR = """
import os
from pathlib import Path
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def here():
    seen = sorted(str(path) for path in Path("/submission").rglob("*"))
    return {"seen": seen, "cores": sorted(os.sched_getaffinity(0))}


@app.get("/hoard")
def hoard():
    hoarded = []
    while True:
        hoarded.append(b"x" * 2**20)
"""


@pytest.fixture(scope="module")
def sandbox():
    with closing(Sandbox(PYTHON)) as sandbox:
        yield sandbox


@pytest.fixture
def app(sandbox):
    """Return an app that lies where the sandbox can see it."""
    folder = sandbox.submissions / "app"
    (folder / "hello").mkdir(parents=True, exist_ok=True)
    (folder / "hello/main.py").write_text(HELLO)
    return App(folder, "hello")


@pytest.fixture
def runner(sandbox):
    with closing(open_cell(sandbox)) as runner:
        yield runner


@pytest.fixture
def launcher(runner, app):
    with closing(Launcher(runner, app)) as launcher:
        yield launcher


@pytest.mark.parametrize("promise", PROMISES)
def test_the_sandbox_keeps_its_promise(sandbox, promise):
    assert break_promise(sandbox, promise) is None


@pytest.mark.parametrize(
    ("what", "found"),
    [
        pytest.param(
            "/files?file=/usr/bin/env&course=/nowhere", "/usr/bin/env", id="a file that can be read"
        ),
        pytest.param("/environment?token=/opt/toolkit", "/environ", id="a word of the environment"),
    ],
)
def test_a_promise_that_does_not_hold_is_seen(sandbox, runner, what, found):
    app = App(sandbox.submissions / "app", "probe")

    assert found in ask(runner, app, what)


def test_an_app_gets_its_settings_and_files_and_nothing_else(launcher):
    server = launcher.launch(files={"note.txt": "Milk"}, COLOUR="red")

    found = server.client.get("/").json()

    assert found["files"] == ["note.txt"]
    assert found["folder"] == found["environment"].pop("HOME")
    assert found["environment"].pop("COLOUR") == "red"
    assert found["environment"].keys() == {
        *("PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "MALLOC_ARENA_MAX", "LANG", "TZ")
    }
    assert server.log == "asked\n"
    server.close()


def test_a_command_runs_inside_as_well(launcher, app):
    (app.source / "where.py").write_text("import os\n\nprint(os.getcwd(), os.environ['COLOUR'])\n")
    server = launcher.launch()
    folder = server.client.get("/").json()["folder"]

    done = server.run("where", COLOUR="red")

    assert done == (0, f"{folder} red\n")
    assert server.log == f"asked\n$ COLOUR=red python -m hello.where\n{folder} red\n"
    server.close()


def test_requests_compete_and_cpu_time_is_told_inside_as_well(launcher):
    launcher.races = True
    server = launcher.launch()

    with ThreadPoolExecutor(20) as pool:
        given = compete(pool, 20, lambda _: server.client.get("/next").json(), [server])
    used = server.cpu_seconds(lambda: server.client.get("/next"))

    assert len(set(given)) < 20
    assert 0 < used < 1
    server.close()


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm", "/work"])  # noqa: S108
def test_an_import_that_leaves_a_file_anywhere_is_never_shared(sandbox, runner, place):
    folder = sandbox.submissions / "app"
    (folder / "counts").mkdir(parents=True, exist_ok=True)
    count = f"import time; file = open('{place}/starts', 'a'); file.write('x'); file.close()\n"
    (folder / "counts/main.py").write_text(
        HELLO.replace("import os\n", f"import os\n{count}", 1)
        + f"\n\n@app.get('/starts')\ndef starts():\n    return os.path.getsize('{place}/starts')\n"
    )
    with closing(Launcher(runner, App(folder, "counts"))) as launcher:
        starts = []
        for _ in range(4):
            with closing(launcher.launch()) as server:
                starts.append(server.client.get("/starts").json())

    assert len(set(starts)) == 4


def test_an_app_that_takes_away_every_right_to_its_log_is_read_all_the_same(sandbox, runner):
    folder = sandbox.submissions / "app"
    (folder / "shut").mkdir(parents=True, exist_ok=True)
    (folder / "shut/main.py").write_text(HELLO)
    with closing(Launcher(runner, App(folder, "shut"))) as launcher, closing(launcher.launch()) as server:
        server.client.get("/")
        Path(server.log_file.name).chmod(0)

        server.restart()

        server.client.get("/")
        assert server.log == "asked\nasked\n"


def test_descriptors_that_wait_in_sockets_keep_nobody_from_sending_theirs(launch_side_by_side):
    flood = """
import socket, time

pairs = []


@app.get("/flood")
def flood():
    try:
        while True:
            pairs.append(socket.socketpair())
            socket.send_fds(pairs[-1][0], [b"x"], [pairs[-1][0].fileno()] * 253)
    except OSError as error:
        return error.strerror
"""
    ada = launch_side_by_side("ada", NEIGHBOUR + flood)
    assert "references" in ada.get("/flood").json()

    assert launch_side_by_side("bob").get("/").status_code == 200


def test_the_machine_that_runs_short_of_memory_is_nobodys_fault_unless_one_runs_alone(sandbox, app):
    for alone, error in ((False, ShortMemoryError), (True, AppFaultError)):
        with closing(open_cell(sandbox, alone=alone)) as runner:
            runner.cell.faults.close()
            runner.cell.faults, far = socket.socketpair()
            with far:
                far.sendall(b"memory\n" if alone else b"scarce\n")

            with pytest.raises(error, match="memory"):
                Launcher(runner, app).launch()


def test_nothing_starts_in_a_cell_that_is_about_to_end(launcher):
    for _ in range(2):
        launcher.launch().close()  # from then on, a template starts them
    launcher.runner.cell.fault = "it took too much"

    with pytest.raises(AppFaultError, match=r"since it took too much\. The rest was not run"):
        launcher.launch()


def test_an_app_that_hangs_tells_where_inside_as_well(launcher):
    server = launcher.launch()
    with server.process.address.open_client(timeout=0.5) as client, suppress(NoAnswerError):
        client.get("/hang")

    where = server.where_it_hangs()

    assert re.fullmatch(r"main\.py:\d+ hang", where)
    server.close()


def test_the_limit_of_a_start_follows_the_machine_inside_as_well(launcher):
    assert 0 < launcher.seconds_of_constant_app() < 60


def test_files_go_in_and_out_and_stay_for_the_next_start(launcher):
    server = launcher.launch(files={"a": "one", "b": "two"})
    server.files.write("a", "three")
    server.files.replace("b", b"\xff")
    server.files.write("c", "gone")
    server.files.remove("c")

    server.restart()

    assert server.client.get("/").json()["files"] == ["a", "b"]
    assert [server.files.read(name) for name in "abc"] == [b"three", b"\xff", b""]
    assert server.files.names() == ["a", "b"]
    server.close()


def test_another_process_of_an_app_shares_its_files_inside_as_well(launcher):
    server = launcher.launch(files={"a": "one"})
    other = server.another(COLOUR="blue")
    server.files.write("b", "two")

    place = other.client.get("/").json()

    assert place["files"] == ["a", "b"]
    assert place["environment"]["COLOUR"] == "blue"
    assert [one.client.get("/next").json() for one in (server, other, other)] == [1, 1, 2]
    other.close()
    assert server.client.get("/").json()["files"] == ["a", "b"]
    server.close()


def test_a_disk_can_be_full_or_slow_inside_as_well(launcher):
    server = launcher.launch()

    server.files.link("full", "/dev/full")
    server.files.clog("logs/slow")

    assert server.files.names() == ["full", "logs/slow"]
    assert server.client.get("/written").json() == [
        "No space left on device",
        "Resource temporarily unavailable",
    ]
    assert server.files.drain("logs/slow")
    assert server.files.drain("logs/slow") == server.files.drain("full") == b""
    server.close()


def test_nothing_of_one_server_is_left_for_the_next(launcher):
    launcher.launch(files={"note.txt": "Milk"}).close()

    for _ in range(3):
        server = launcher.launch()
        assert server.client.get("/").json()["files"] == []
        server.files.write("note.txt", "Milk")
        server.close()


@pytest.mark.parametrize("name", ["link", "fifo", "folder"])
def test_nobody_outside_follows_or_waits_for_what_an_app_puts_in_the_place_of_a_file(sandbox, runner, name):
    folder = sandbox.submissions / "app"
    traps = "os.symlink('/etc/passwd', 'link'); os.mkfifo('fifo'); os.mkdir('folder')"
    (folder / "trap").mkdir(parents=True, exist_ok=True)
    (folder / "trap/main.py").write_text(HELLO.replace("app = ", f"{traps}\napp = "))
    with closing(Launcher(runner, App(folder, "trap"))) as launcher:
        server = launcher.launch()
        assert name in server.client.get("/").json()["files"]

        with pytest.raises(NoAnswerError, match="could not be written"):
            server.files.write(name, "ours")

        assert server.files.read(name) == b""
        assert server.files.names() == ["fifo", "link"]
        server.close()


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_sandbox_that_is_closed_in_its_first_moments_leaves_no_process(processes_of):
    for _ in range(20):
        sandbox = Sandbox(PYTHON)
        while not any(children_of(program) for program in children_of(sandbox.process.pid)):
            assert sandbox.process.poll() is None

        sandbox.close()  # while the child of bubblewrap's first process waits for a word of it

        assert processes_of(sandbox.folder) == []


def test_an_app_that_kills_everyone_and_breeds_ends_with_its_cell(sandbox, app):
    runner = open_cell(sandbox)
    launcher = Launcher(runner, app)
    server = launcher.launch()
    with suppress(NoAnswerError):
        server.client.get("/leave")

    launcher.close()
    runner.close()

    with (
        closing(open_cell(sandbox)) as next_runner,
        closing(Launcher(next_runner, app)) as next_launcher,
    ):
        assert next_launcher.launch().client.get("/").status_code == 200


@pytest.fixture
def launch_side_by_side(sandbox):
    """Start apps at the same time, each in a cell in which only its own folder can be seen."""
    with ExitStack() as stack:

        def launch(name, text=NEIGHBOUR):
            folder = sandbox.submissions / name
            (folder / name).mkdir(parents=True)
            stack.callback(shutil.rmtree, folder)
            (folder / name / "main.py").write_text(text)
            runner = stack.enter_context(closing(open_cell(sandbox, folder)))
            return stack.enter_context(closing(Launcher(runner, App(folder, name)))).launch().client

        yield launch


def test_a_cell_shows_its_own_submission_and_no_neighbour(launch_side_by_side):
    ada, bob = launch_side_by_side("ada"), launch_side_by_side("bob")

    seen = [client.get("/").json()["seen"] for client in (ada, bob)]

    assert seen == [
        ["/submission/ada", "/submission/ada/main.py"],
        ["/submission/bob", "/submission/bob/main.py"],
    ]


def test_a_cell_that_takes_too_much_memory_ends_and_its_neighbour_goes_on(launch_side_by_side):
    ada, bob = launch_side_by_side("ada"), launch_side_by_side("bob")

    with pytest.raises(NoAnswerError, match="too much memory"):
        ada.get("/hoard")

    assert bob.get("/").status_code == 200


def test_a_cell_with_too_many_processes_ends_and_its_neighbour_goes_on(launch_side_by_side):
    bomb = """
@app.get("/bomb")
def bomb():
    while True:
        try:
            os.fork()
        except OSError:  # the limit
            pass
"""
    ada, bob = launch_side_by_side("ada", NEIGHBOUR + bomb), launch_side_by_side("bob")

    with pytest.raises(NoAnswerError, match=r"too many processes|too much memory"):  # whichever is seen first
        ada.get("/bomb")

    assert bob.get("/").status_code == 200


def test_a_cell_keeps_to_the_cores_of_whoever_opens_it(launch_side_by_side):
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(ours)})
    try:
        client = launch_side_by_side("ada")
    finally:
        os.sched_setaffinity(0, ours)

    assert client.get("/").json()["cores"] == [max(ours)]


@pytest.mark.parametrize(
    ("parents", "is_in_cell"),
    [
        ({5: 1, 6: 5, 7: 6}, True),
        ({5: 1, 7: 6}, False),  # its parent has ended while one looked
        ({5: 1, 6: 7, 7: 6}, False),  # and its parent's number was given again, to its own child
    ],
)
def test_a_process_belongs_to_the_cell_from_whose_holder_it_descends(parents, is_in_cell):
    assert is_below(7, 5, parents) is is_in_cell


def test_an_app_whose_processes_have_reached_the_limit_is_told_so(sandbox, runner):
    folder = sandbox.submissions / "app"
    (folder / "bomb").mkdir(parents=True, exist_ok=True)
    bomb = "import os, time\nwhile os.fork():\n    pass\ntime.sleep(20)\n"
    (folder / "bomb/main.py").write_text(HELLO.replace("import os\n", bomb))
    launcher = Launcher(runner, App(folder, "bomb"))
    first = launcher.launch()

    reasons = (
        r"started too many processes|reached the limit on processes|exited with status 1|too much memory"
    )
    with pytest.raises(AppFaultError, match=reasons):
        launcher.require_start()

    first.close()
    launcher.close()


def test_without_bubblewrap_there_is_no_sandbox_and_a_way_to_get_one(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(SandboxError, match="apt install bubblewrap"):
        Sandbox(PYTHON)


def test_a_sandbox_that_cannot_be_made_says_why(monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with (
        closing(Sandbox(PYTHON)) as sandbox,
        pytest.raises(SandboxError, match="No permissions to create new"),
    ):
        open_cell(sandbox)


@pytest.mark.parametrize("python", [PYTHON, Path(sys.base_prefix, "bin/python3")], ids=["ours", "another"])
def test_an_interpreter_whose_environment_holds_the_course_is_refused(monkeypatch, python):
    monkeypatch.setattr(sys, "base_exec_prefix", "/")
    monkeypatch.setattr(sandboxes, "PREFIXES", "import json; print(json.dumps(['/']))")
    sandboxes.prefixes.cache_clear()

    with pytest.raises(SandboxError, match="tests and references included"):
        sandboxes.prefixes(python)

    sandboxes.prefixes.cache_clear()


@pytest.fixture(params=COVERED[:2])
def covered_python(request):
    """Return an interpreter with its packages in a place where a cell has a folder of its own."""
    made = not Path(request.param).exists()
    Path(request.param).mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=request.param))
    shutil.copytree(
        sys.prefix,
        place / "python",
        symlinks=True,
        ignore=shutil.ignore_patterns("mypy*", "pixeltable*", "ruff*"),
    )
    yield place / "python/bin/python"
    shutil.rmtree(place)
    if made:
        Path(request.param).rmdir()


def test_an_interpreter_that_lies_where_a_cell_has_its_own_folders_is_seen_there(covered_python):
    with closing(Sandbox(covered_python)) as sandbox:
        folder = sandbox.submissions / "app/late"
        folder.mkdir(parents=True)
        (folder / "main.py").write_text(LATE)
        with (
            closing(open_cell(sandbox)) as runner,
            closing(Launcher(runner, App(folder.parent, "late"))) as launcher,
        ):
            answer = launcher.launch().client.get("/").json()

    assert answer == {"prefix": str(covered_python.parent.parent), "writable": False}
