"""Fresh, real servers: what an app finds when it runs, how its end is told, and that nothing stays behind."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import venv
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from ladder.base.errors import LadderError
from ladder.base.log import LAST_LINES, trim_log
from ladder.client.errors import NoAnswerError
from ladder.course.catalog import App, AppNotFoundError
from ladder.serving import launcher as launchers
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner
from ladder.serving.warm import has_ended

PROBE = """
import os
import subprocess
import time
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette  # imported in no time, which counts where there is no warm process
from starlette.responses import JSONResponse

visits = []


def read_place(request):
    files = {path.name: path.read_bytes().hex() for path in Path.cwd().iterdir()}
    zone = [time.timezone, datetime.now().astimezone().utcoffset().total_seconds()]
    environment = dict(os.environ)
    return JSONResponse({"folder": str(Path.cwd()), "files": files, "zone": zone, "environment": environment})


def visit(request):
    visits.append(None)
    print(f"visit {len(visits)}")
    return JSONResponse(len(visits))


async def write_file(request):
    Path(request.path_params["name"]).write_bytes(await request.body())
    return JSONResponse(None)


def start_sleeper(request):
    return JSONResponse(subprocess.Popen(["sleep", "1000"], start_new_session=True).pid)


def sleep(request):
    time.sleep(1000)


app = Starlette()
app.add_route("/", read_place)
app.add_route("/visits", visit, methods=["POST"])
app.add_route("/files/{name}", write_file, methods=["PUT"])
app.add_route("/sleepers", start_sleeper, methods=["POST"])
app.add_route("/sleep", sleep)
"""
LIFESPAN = """
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    print("hello")
    {body}
    yield
    print("goodbye")


app = FastAPI(lifespan=lifespan)
"""
INTERRUPTED_TESTS = """
def test_the_first_greeting_is_hello(client):
    client.post("/sleepers")
    client.put("/files/reached")
    client.get("/sleep")


def test_a_new_greeting_replaces_the_old_one(client):
    assert client.get("/") is None
"""
PYTHON = Path(sys.executable)
MARKER = "LADDER_TESTS_MARKER"


@pytest.fixture(scope="module", autouse=True)
def marker():
    """Return the environment of the tests something that no app may find in its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARKER, "here")
        patch.setenv("PYTHONSTARTUP", "/nowhere")
        yield


@pytest.fixture(scope="module")
def forked():
    """Return the runner that forks."""
    runner = Runner(PYTHON)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def plain():
    """Return the runner for systems without fork."""
    runner = Runner(PYTHON, fork=False)
    yield runner
    runner.close()


@pytest.fixture(params=["forked", "plain"])
def runner(request):
    """Return one runner after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module", params=["forked", "plain"])
def found(request, tmp_path_factory):
    """Return what an app finds in its place, started by one runner after the other."""
    app = App(tmp_path_factory.mktemp("apps"), "probe")
    app.source.mkdir()
    (app.source / "main.py").write_text(PROBE)
    launcher = Launcher(request.getfixturevalue(request.param), app)
    server = launcher.launch({"text": "☕", "bytes": b"\xff\0"}, COLOUR="blue", EMPTY="")
    yield server.client.get("/").json() | {"data": (server.folder / "data"), "run": server.runner.folder}
    server.close()
    launcher.close()


@pytest.fixture
def stack():
    """Call back after the test, the last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def in_temporary(tmp_path, temporary, monkeypatch):  # noqa: ARG001 - pytest's own folders are made before
    """Let this process put its temporary files where they are looked for."""
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    return temporary


@pytest.fixture
def make_runner(in_temporary, stack):  # noqa: ARG001 - it is empty when they are closed
    """Make runners of the test's own, and close them after it."""

    def make_runner(*arguments, **options):
        runner = Runner(*arguments, **options)
        stack.callback(runner.close)
        return runner

    return make_runner


@pytest.fixture
def start(stack):
    """Start servers, and close them after the test."""

    def start(runner, app, files=None, **settings):
        launcher = Launcher(runner, app)
        stack.callback(launcher.close)
        server = launcher.launch(files, **settings)
        stack.callback(server.close)
        return server

    return start


@pytest.fixture
def explain_start(make_app):
    """Launch an app that does not start, and give what is said about it."""

    def explain_start(runner, main, **modules):
        with (
            closing(Launcher(runner, make_app(main, **modules))) as launcher,
            pytest.raises(LadderError) as caught,
        ):
            launcher.require_start()
        return str(caught.value)

    return explain_start


def frames_in(text):
    """Return the lines of a text that are frames of a traceback."""
    return [line.strip() for line in text.splitlines() if "File " in line]


def names_below(folder):
    """Name all that a folder holds."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_fresh_servers_answer_and_share_nothing(runner, start, make_app):
    first, second = (start(runner, make_app(PROBE)) for _ in range(2))
    first.client.put("/files/note", content=b"\xff\0").raise_for_status()

    counts = [server.client.post("/visits").json() for server in (first, first, second)]

    assert counts == [1, 2, 1]
    assert first.folder != second.folder
    assert first.files.read("note") == b"\xff\0"
    assert first.files.names() == ["note"]
    assert second.client.get("/").json()["files"] == {}


def test_another_process_of_an_app_shares_all_but_its_memory(runner, start, stack, make_app):
    server = start(runner, make_app(PROBE), files={"given": "kept"}, COLOUR="blue", SIZE="small")

    other = server.another(SIZE="big")
    stack.callback(other.close)

    server.client.put("/files/written", content=b"by one").raise_for_status()
    place = other.client.get("/").json()
    assert place["files"] == {"given": b"kept".hex(), "written": b"by one".hex()}
    assert [place["environment"][name] for name in ("COLOUR", "SIZE")] == ["blue", "big"]
    assert place["folder"] == server.client.get("/").json()["folder"]
    assert [one.client.post("/visits").json() for one in (server, other, other)] == [1, 1, 2]
    assert ["visit 2" in one.log for one in (server, other)] == [False, True]


def test_what_servers_share_stays_until_the_first_is_closed(runner, start, make_app):
    server = start(runner, make_app(PROBE), files={"given": "kept"})
    other = server.another()

    other.restart()
    again = other.client.get("/").json()
    other.close()

    assert again["files"] == {"given": b"kept".hex()}
    assert server.client.get("/").json()["files"] == {"given": b"kept".hex()}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
def test_a_file_can_be_a_full_disk(runner, start, make_app):
    server = start(runner, make_app(PROBE))

    server.files.link("logs/app.log", "/dev/full")

    with pytest.raises(OSError, match="No space left on device"):
        (server.folder / "data/logs/app.log").write_text("a line")


ASKED = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse


def read_sender(request):
    return JSONResponse([request.url.scheme, request.client.host])


app = Starlette()
app.add_route("/", read_sender)
"""


def test_no_header_of_a_proxy_changes_what_an_app_sees(runner, start, make_app):
    server = start(runner, make_app(ASKED))

    response = server.client.get(
        "/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
    )

    assert response.json() == ["http", "127.0.0.1"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_file_can_take_no_more(runner, start, make_app):
    server = start(runner, make_app(PROBE))

    server.files.clog("app.log")

    file = os.open(server.folder / "data/app.log", os.O_WRONLY | os.O_NONBLOCK)
    taken = os.write(file, bytes(2**20))
    with pytest.raises(BlockingIOError):
        os.write(file, bytes(2**20))
    os.close(file)
    assert 0 < taken < 2**20


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_what_a_clogged_file_has_taken_can_be_taken_out(runner, start, make_app):
    server = start(runner, make_app(PROBE), files={"plain": "a line"})
    server.files.clog("app.log")
    file = os.open(server.folder / "data/app.log", os.O_WRONLY | os.O_NONBLOCK)
    taken = os.write(file, bytes(2**20))

    drained = [server.files.drain("app.log") for _ in range(2)]

    assert drained == [bytes(taken), b""]
    assert os.write(file, bytes(2**20)) == taken
    os.close(file)
    with pytest.raises(OSError, match="Invalid argument"):
        server.files.drain("plain")


def test_a_file_that_is_removed_while_it_is_read_holds_nothing(runner, start, make_app, monkeypatch):
    server = start(runner, make_app(PROBE), files={"a": "one"})

    def remove_after_a_look(file):
        file.unlink()
        return True

    monkeypatch.setattr(Path, "is_file", remove_after_a_look)

    assert server.files.read("a") == b""


def test_the_names_of_files_have_those_of_their_folders_and_lead_through_no_link(runner, start, make_app):
    server = start(runner, make_app(PROBE), files={"b": "", "a/y/z": "", "a/x": ""})
    (server.folder / "data" / "link").symlink_to("/")

    assert server.files.names() == ["a/x", "a/y/z", "b"]


def test_the_working_directory_holds_the_files_that_were_given_and_nothing_else(found):
    assert found["folder"] == str(found["data"])
    assert found["files"] == {"text": "☕".encode().hex(), "bytes": "ff00"}


def test_no_other_user_can_look_into_the_working_directory(found):
    assert found["run"] in found["data"].parents
    assert found["run"].stat().st_mode & 0o077 == 0


def test_settings_arrive(found):
    assert (found["environment"]["COLOUR"], found["environment"]["EMPTY"]) == ("blue", "")


def test_nothing_of_the_testers_environment_arrives_but_the_path(found):
    environment = found["environment"]

    assert MARKER in os.environ
    assert environment["PATH"] == os.environ["PATH"]
    assert environment["HOME"] == str(found["data"])
    assert set(environment) - {"PATH", "HOME", "LANG", "TZ", "COLOUR", "EMPTY"} <= {
        *("LC_CTYPE", "PYTHONUNBUFFERED", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE")
    }


def test_the_time_zone_is_not_utc(found):
    timezone, offset = found["zone"]

    assert offset != 0
    assert timezone == -offset


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_a_new_start_keeps_data_and_settings_and_loses_memory(runner, start, make_app, how):
    server = start(runner, make_app(PROBE), files={"given": "kept"}, COLOUR="blue")
    server.client.put("/files/written", content=b"kept").raise_for_status()
    counts = [server.client.post("/visits").json() for _ in range(2)]

    getattr(server, how)()

    place = server.client.get("/").json()
    assert place["files"] == {"given": b"kept".hex(), "written": b"kept".hex()}
    assert place["environment"]["COLOUR"] == "blue"
    assert [*counts, server.client.post("/visits").json()] == [1, 2, 1]


def test_a_restart_lets_the_app_finish_and_a_kill_does_not(forked, start, make_app):
    server = start(forked, make_app(LIFESPAN.format(body="")))
    server.client.get("/")

    server.restart()
    server.client.get("/")
    server.kill()
    server.client.get("/")

    assert server.log.split() == ["hello", "goodbye", "hello", "hello"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_can_be_ended_before_it_was_asked_anything(forked, start, make_app, number):
    app = make_app(PROBE)

    def start_and_end():
        server = start(forked, app)
        server.process.send_signal(number)
        return server.process.wait(1)

    assert [start_and_end() for _ in range(10)] == [-number] * 10


COMMAND = """
import os
import sys
from pathlib import Path

from . import main

if __name__ == "__main__":
    print(hash("word"), *sys.argv[1:], os.environ["COLOUR"], Path("given").read_text(), main.__name__)
    print("What is wrong", file=sys.stderr)
    sys.exit(3)
"""


def test_a_command_of_the_package_runs_where_its_app_runs(runner, start, make_app):
    server = start(runner, make_app(PROBE, seed=COMMAND), files={"given": "kept"}, COLOUR="blue")
    server.client.post("/visits").raise_for_status()

    done = server.run("seed", "--count", "2", COLOUR="red")

    assert done.status == 3
    assert done.output.split(maxsplit=1)[1] == "--count 2 red kept probe.main\nWhat is wrong\n"
    assert server.log.endswith(f"$ COLOUR=red python -m probe.seed --count 2\n{done.output}")
    assert server.client.post("/visits").json() == 2


def test_a_command_in_a_new_interpreter_hashes_otherwise(forked, start, make_app):
    server = start(forked, make_app(PROBE, seed=COMMAND), files={"given": "kept"}, COLOUR="blue")

    hashes = {server.run("seed", cold=cold).output.split()[0] for cold in (False, False, True)}

    assert len(hashes) == 2


def test_a_command_that_does_not_end_is_ended_and_told(runner, start, make_app, monkeypatch):
    monkeypatch.setattr("ladder.serving.server.COMMAND_LIMIT", 1.0)
    server = start(
        runner, make_app(PROBE, wait="import time\n\nprint('Here', flush=True)\ntime.sleep(1000)\n")
    )

    with pytest.raises(NoAnswerError, match=r"^It did not end within 1 seconds: python -m probe\.wait$"):
        server.run("wait")

    assert server.log == "$ python -m probe.wait\nHere\n"


def test_an_app_that_does_not_end_when_asked_is_told(forked, start, make_app, monkeypatch):
    monkeypatch.setattr("ladder.serving.server.STOP_LIMIT", 0.3)
    server = start(forked, make_app(PROBE))
    with server.process.address.open_client(timeout=0.2) as client, suppress(NoAnswerError):
        client.get("/sleep")

    with pytest.raises(NoAnswerError, match=r"^The app did not end within 0\.\d+ seconds of a SIGTERM\.$"):
        server.restart()


WHO_ASKS = """
from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/")
def read_client(request: Request) -> list[str]:
    return [request.client.host, *sorted(request.headers)]
"""


@pytest.mark.parametrize("restart", [None, {"warm": True}, {}], ids=["first", "warm", "new interpreter"])
def test_an_app_sees_a_client_and_the_one_that_a_test_names(forked, start, make_app, restart):
    server = start(forked, make_app(WHO_ASKS))
    if restart is not None:
        server.restart(**restart)

    host, *headers = server.client.get("/").json()
    with server.client_from("198.51.100.7") as client:
        other_host, *other_headers = client.get("/", headers={"X-Forwarded-For": "192.0.2.1"}).json()

    assert host == "127.0.0.1"
    assert other_host == "198.51.100.7"
    assert other_headers == sorted([*headers, "x-forwarded-for"])
    assert "x-ladder-peer" not in headers


def test_the_log_holds_what_the_app_printed_before_and_after_a_restart(forked, start, make_app):
    server = start(forked, make_app(PROBE))
    counts = [server.client.post("/visits").json() for _ in range(2)]
    before = server.log

    server.restart()

    assert [*counts, server.client.post("/visits").json()] == [1, 2, 1]
    assert before == "visit 1\nvisit 2\n"
    assert server.log == before + "visit 1\n"


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        pytest.param({}, ["visit 1"], id="not asked for"),
        pytest.param({"UVICORN_LOG_LEVEL": "warning"}, ["visit 1"], id="warnings only"),
        pytest.param(
            {"UVICORN_LOG_LEVEL": "info"},
            ["Application startup complete.", "visit 1", '"POST /visits HTTP/1.1" 200'],
            id="all that it prints by default",
        ),
    ],
)
def test_uvicorn_logs_what_it_is_asked_for(runner, start, make_app, eventually, settings, lines):
    server = start(runner, make_app(PROBE), **settings)

    server.client.post("/visits").raise_for_status()

    known = ["Application startup complete.", "visit 1", '"POST /visits HTTP/1.1" 200']
    eventually(lambda: [line for line in known if line in server.log] == lines, f"the log has {lines}")


def test_a_package_that_is_not_there_is_told_before_anything_starts(forked, tmp_path):
    with pytest.raises(AppNotFoundError, match=r"holds no probe/main\.py"):
        Launcher(forked, App(tmp_path, "probe")).require_start()


@pytest.mark.parametrize(
    ("main", "said"),
    [
        pytest.param("import nowhere\n", "ModuleNotFoundError: No module named 'nowhere'", id="import"),
        pytest.param("app = \n", "SyntaxError: invalid syntax", id="syntax"),
        pytest.param("raise SystemExit('Set KEY.')\n", "Set KEY.", id="a last word"),
        pytest.param("import sys\n\nsys.exit(7)\n", "status 7 and printed nothing", id="an exit"),
        pytest.param("import os\n\nos.kill(os.getpid(), 9)\n", "was ended by SIGKILL", id="a signal"),
        pytest.param("api = 1\n", 'Attribute "app" not found in module "probe.main"', id="no app"),
        pytest.param(
            "async def app(scope, receive, send):\n    import os\n    os._exit(4)\n",
            "The app exited with status 4",
            id="an exit at the first request",
        ),
    ],
)
def test_an_app_that_dies_is_told_with_its_last_words(forked, explain_start, tmp_path, main, said):
    message = explain_start(forked, main)

    assert message.startswith(f"{tmp_path}/apps/probe/main.py does not start. The app ")
    assert said in message
    assert message.endswith(f"uvicorn --app-dir {tmp_path}/apps probe.main:app")


def test_a_traceback_is_cut_down_to_the_frames_of_the_app(runner, explain_start):
    message = explain_start(
        runner,
        "from .inner import app\n",
        inner="from fastapi import APIRouter\n\napp = APIRouter(prefix='no-slash')\n",
    )

    assert frames_in(message) == [
        'File "probe/main.py", line 1, in <module>',
        'File "probe/inner.py", line 3, in <module>',
    ]
    assert "app = APIRouter(prefix='no-slash')" in message
    assert "AssertionError: " in message


def test_an_app_that_fails_in_its_lifespan_is_told_with_its_own_frame(forked, explain_start):
    message = explain_start(forked, LIFESPAN.format(body="raise RuntimeError('no database')"))

    assert frames_in(message) == ['File "probe/main.py", line 10, in lifespan']
    assert "RuntimeError: no database" in message


HELLO = "from fastapi import FastAPI\n\napp = FastAPI()\napp.get('/')(lambda: 1)\n"
HANGING = """
import asyncio
import signal
import time
from contextlib import asynccontextmanager

from fastapi import FastAPI

{begin}


def work():
    time.sleep(1000)


async def wait():
    await asyncio.sleep(1000)


@asynccontextmanager
async def lifespan(app):
    {lifespan}
    yield


{at_import}
app = FastAPI(lifespan=lifespan)


@app.get("/work")
def start_work():
    work()


@app.get("/wait")
async def start_wait():
    await wait()


@app.get("/block")
async def start_block():
    work()
"""


@pytest.fixture
def silent(forked, explain_start, monkeypatch):
    """Return what is said of an app that is silent for longer than its limit; others need no time at all."""

    def silent(**parts):
        explain_start(forked, "import nowhere\n")  # the warm process is ready
        monkeypatch.setattr(launchers, "START_LIMIT", 1.0)
        monkeypatch.setattr(launchers, "START_FACTOR", 0)
        return explain_start(
            forked, HANGING.format(**{"begin": "", "lifespan": "pass", "at_import": ""} | parts)
        )

    return silent


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        pytest.param(
            {"at_import": "work()"}, "main.py:13 work, called in main.py:26 <module>", id="its import"
        ),
        pytest.param(
            {"lifespan": "work()"}, "main.py:13 work, called in main.py:22 lifespan", id="its lifespan"
        ),
        pytest.param(
            {"lifespan": "await wait()"}, "main.py:17 wait, called in main.py:22 lifespan", id="a coroutine"
        ),
    ],
)
def test_an_app_that_never_answers_is_told_with_where_it_hangs_and_what_it_printed(silent, parts, where):
    message = silent(begin="print('Hello')", **parts)

    assert message.splitlines()[0].endswith("main.py does not start. It did not answer within 1 seconds.")
    assert message.splitlines()[1:4] == [f"It hangs in {where}", "Until then it printed:", "Hello"]


def test_an_app_that_never_answers_and_prints_nothing_is_told_so(silent):
    assert "\nIt printed nothing.\n" in silent(lifespan="await wait()")


def test_a_start_may_take_as_long_as_others_do_on_this_machine(forked, make_app, monkeypatch):
    monkeypatch.setattr(launchers, "START_LIMIT", 0.2)
    monkeypatch.setattr(launchers, "START_FACTOR", 10_000)

    with closing(Launcher(forked, make_app("import time\ntime.sleep(1)\n" + HELLO))) as launcher:
        launcher.require_start()


@pytest.mark.parametrize(
    ("path", "where"),
    [
        pytest.param("/work", "main.py:13 work, called in main.py:32 start_work", id="a thread"),
        pytest.param("/wait", "main.py:17 wait, called in main.py:37 start_wait", id="a coroutine"),
        pytest.param("/block", "main.py:13 work, called in main.py:42 start_block", id="the event loop"),
    ],
)
def test_a_request_that_is_not_answered_tells_where_the_app_hangs(forked, start, make_app, path, where):
    server = start(forked, make_app(HANGING.format(begin="", lifespan="print('Hello')", at_import="")))
    exchanges = []

    with (
        server.process.address.open_client(exchanges.append, timeout=1.0, **server.explanations) as client,
        pytest.raises(NoAnswerError),
    ):
        client.get(path)

    assert [exchange.hangs for exchange in exchanges] == [where]
    assert server.log == "Hello\n"


def test_an_app_with_a_handler_of_its_own_for_our_signal_and_what_it_has_started_go_on(
    forked, start, make_app
):
    main = (
        HELLO
        + """
import signal, subprocess, sys
signal.signal(signal.SIGURG, lambda *_: None)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
app.get("/child")(lambda: child.poll())
"""
    )
    server = start(forked, make_app(main))
    server.client.get("/child")

    server.where_it_hangs()

    assert server.client.get("/child").json() is None


def test_a_module_of_the_package_that_is_imported_as_if_it_stood_outside_is_told_with_what_to_write(
    runner, explain_start
):
    message = explain_start(runner, "from models import Note\n", models="")

    assert "the last it printed: ModuleNotFoundError: No module named 'models'\n" in message
    assert message.splitlines()[1] == (
        "That module lies in the app's own package: write `from .models import …`."
    )


def test_a_module_that_is_nowhere_needs_no_such_word(runner, explain_start):
    assert "write `" not in explain_start(runner, "import nowhere\n", models="")


@pytest.mark.parametrize(
    "run", ["import uvicorn\nuvicorn.run(app)\n", "from uvicorn import run as go\ngo(app)\n"]
)
def test_a_server_that_an_app_starts_while_it_is_imported_is_the_reason(runner, explain_start, run):
    message = explain_start(runner, f"{HELLO}\n{run}")

    assert (
        "does not start. uvicorn.run(...) at the module level of main.py:7 starts a second server" in message
    )
    assert "never awaited" not in message


def test_a_log_is_cut_down_to_its_last_lines():
    lines = [f"line {number}" for number in range(100)]

    assert trim_log("\n".join(lines), Path("/apps")).splitlines() == lines[-LAST_LINES:]


def test_a_log_without_tracebacks_stays_as_it_is():
    log = 'Hello\n  File "notes.txt" was read\n\n    and this'

    assert trim_log(log, Path("/apps")) == log


def test_the_frames_of_packages_that_are_installed_in_the_apps_folder_are_left_out():
    log = (
        "Traceback (most recent call last):\n"
        '  File "/apps/probe/main.py", line 3, in read\n'
        "    call()\n"
        "    ^^^^^^\n"
        '  File "/apps/.venv/lib/python3.11/site-packages/starlette/routing.py", line 8, in call\n'
        "    fail()\n"
        "ValueError: no\n"
    )

    assert trim_log(log, Path("/apps")) == (
        "Traceback (most recent call last):\n"
        '  File "probe/main.py", line 3, in read\n'
        "    call()\n"
        "    ^^^^^^\n"
        "ValueError: no"
    )


def test_the_frames_of_an_exception_group_are_cut_down_as_well():
    log = (
        "  + Exception Group Traceback (most recent call last):\n"
        '  |   File "/usr/lib/anyio/tasks.py", line 1, in run\n'
        "  |     raise group\n"
        "  | ExceptionGroup: errors (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n"
        "    | Traceback (most recent call last):\n"
        '    |   File "/apps/probe/main.py", line 2, in work\n'
        "    |     fail()\n"
        "    | ValueError: no\n"
        "    +------------------------------------\n"
    )

    assert trim_log(log, Path("/apps")).splitlines() == [
        "  + Exception Group Traceback (most recent call last):",
        "  | ExceptionGroup: errors (1 sub-exception)",
        "  +-+---------------- 1 ----------------",
        "    | Traceback (most recent call last):",
        '    |   File "probe/main.py", line 2, in work',
        "    |     fail()",
        "    | ValueError: no",
        "    +------------------------------------",
    ]


def test_an_edit_is_seen_and_nothing_is_written_into_the_apps_folder(runner, start, make_app):
    main = PROBE + "\nfrom .inner import two\n\napp.add_route('/answer', lambda _: JSONResponse(two))\n"
    app = make_app(main, inner="two = 1\n")
    edited = app.source / "inner.py"
    times, names = edited.stat(), names_below(app.folder)
    before = start(runner, app).client.get("/answer").json()

    edited.write_text("two = 2\n")
    os.utime(edited, ns=(times.st_atime_ns, times.st_mtime_ns))  # as if it were saved within the same second

    assert [before, start(runner, app).client.get("/answer").json()] == [1, 2]
    assert names_below(app.folder) == names


@pytest.mark.parametrize("how", ["close", "restart", "kill"])
def test_what_an_app_started_in_a_session_of_its_own_ends_with_it(forked, start, make_app, eventually, how):
    server = start(forked, make_app(PROBE))
    sleeper = Path(f"/proc/{server.client.post('/sleepers').json()}")
    assert sleeper.exists()

    getattr(server, how)()

    eventually(lambda: not sleeper.exists(), "the sleeper has ended")


def test_plain_servers_that_were_closed_leave_neither_process_nor_file(
    make_runner, make_app, in_temporary, processes_of, eventually
):
    runner = make_runner(PYTHON, fork=False)
    launcher = Launcher(runner, make_app(PROBE))
    server = launcher.launch()
    server.client.get("/").raise_for_status()
    assert len(processes_of(server.folder)) == 1
    assert [path.name[:7] for path in in_temporary.iterdir()] == ["ladder-"]

    server.close()

    assert not server.folder.exists()
    eventually(lambda: processes_of(server.folder) == [], "the server has ended")
    launcher.close()
    runner.close()
    assert processes_of(in_temporary) == []
    assert list(in_temporary.iterdir()) == []


def test_a_run_that_was_closed_ends_servers_that_were_not(
    make_runner, start, make_app, in_temporary, processes_of
):
    runner = make_runner(PYTHON)
    start(runner, make_app(PROBE)).client.post("/sleepers").raise_for_status()
    assert len(processes_of(in_temporary)) == 3  # the warm process, the server, and what it started

    runner.close()

    assert processes_of(in_temporary) == []
    assert list(in_temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("program", "number", "status"),
    [
        pytest.param(["ladder", "check", "s0", "--app"], signal.SIGINT, 130, id="ladder, Ctrl-C"),
        pytest.param(["ladder", "check", "s0", "--app"], signal.SIGKILL, -9, id="ladder, kill -9"),
        pytest.param(
            ["pytest", "-q", "scenarios/00_tiny", "--app"], signal.SIGKILL, -9, id="pytest, kill -9"
        ),
    ],
)
def test_tests_that_are_interrupted_leave_neither_process_nor_file(
    course, command, temporary, tmp_path, processes_of, eventually, program, number, status
):
    course.write("scenarios/00_tiny/solution/tiny/main.py", PROBE)
    course.write("scenarios/00_tiny/tests/test_tiny.py", INTERRUPTED_TESTS)
    process = command.start("-m", *program, course.folder / "solution", output=tmp_path / "output")
    eventually(lambda: list(temporary.glob("ladder-*/*/data/reached")), "the test has reached its middle")
    assert len(processes_of(temporary)) >= 4  # the tests, the warm process, the server, and what it started

    os.killpg(process.pid, number)

    assert process.wait(20) == status
    eventually(lambda: processes_of(temporary) == [], "every process has ended")
    eventually(lambda: list(temporary.iterdir()) == [], "every file is gone")
    assert "Traceback" not in (tmp_path / "output").read_text()


def test_an_interpreter_that_is_missing_is_one_sentence():
    with pytest.raises(LadderError) as caught:
        Runner(Path("/nowhere/bin/python"))

    assert str(caught.value) == (
        "There is no Python interpreter that can be run at /nowhere/bin/python. "
        "Pass --python with the path of one, such as .venv/bin/python."
    )


def test_an_interpreter_may_be_named_by_a_relative_path(make_runner, make_app, start, monkeypatch):
    monkeypatch.chdir(PYTHON.parent.parent)
    runner = make_runner(PYTHON.relative_to(PYTHON.parent.parent), fork=False)

    server = start(runner, make_app(PROBE))

    assert server.client.post("/visits").json() == 1


def test_an_interpreter_without_packages_is_one_clear_error(make_runner, tmp_path, explain_start):
    venv.create(tmp_path / "venv")
    runner = make_runner(tmp_path / "venv/bin/python")

    message = explain_start(runner, PROBE)

    assert "No module named 'uvicorn'" in message
    assert f"{tmp_path}/venv/bin/python" in message


def test_a_program_that_is_no_interpreter_is_one_clear_error(make_runner, explain_start):
    runner = make_runner(Path(shutil.which("false") or "/bin/false"))

    message = explain_start(runner, PROBE)

    assert message.startswith(f"{runner.python} could not run the app's server")


def test_a_peer_has_ended_whether_or_not_it_had_read_all_that_was_sent():
    ours, peer = socket.socketpair()
    with ours:
        assert not has_ended(ours)
        ours.sendall(b"never read")
        peer.close()

        assert has_ended(ours)
        assert has_ended(ours)


def test_an_app_runs_in_the_interpreter_that_was_named(make_runner, tmp_path, start, make_app):
    venv.create(tmp_path / "venv")
    packages = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    (packages / "ours.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    runner = make_runner(tmp_path / "venv/bin/python")

    server = start(
        runner,
        make_app(PROBE + "\nimport sys\n\napp.add_route('/prefix', lambda _: JSONResponse(sys.prefix))\n"),
    )

    assert server.client.get("/prefix").json() == str(tmp_path / "venv")


def test_a_long_name_of_the_folder_for_temporary_files_is_no_hindrance(
    temporary, monkeypatch, make_app, processes_of
):
    long = temporary / ("x" * 110)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setenv("TMPDIR", str(long))
    runner = Runner(PYTHON)
    server = Launcher(runner, make_app(PROBE)).launch()

    count = server.client.post("/visits").json()

    server.close()
    runner.close()
    assert count == 1
    assert not runner.folder.exists()
    assert processes_of(runner.folder) == []
    assert long.rmdir() is None  # it is empty


def test_of_very_much_that_is_printed_the_end_is_read(forked, start, make_app, monkeypatch):
    server = start(forked, make_app("print('first, last')\n" + HELLO))
    server.client.get("/")

    monkeypatch.setattr("ladder.serving.server.MOST_LOG_BYTES", 5)
    monkeypatch.setattr("ladder.serving.server.SHOWN_BYTES", 6)

    assert server.log == "last\n"
    assert server.trimmed_log == "(after 6 bytes more)\n last"
