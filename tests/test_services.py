"""Real PostgreSQL and Redis: there when an app needs one, empty for each, and gone afterwards."""

import importlib.util
import os
import re
import shutil
import signal
import socket
import sys
import time
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

from ladder.base.errors import AppFaultError, LadderError
from ladder.services import promises
from ladder.services.limit import MIB, limited, processes_of, taken
from ladder.services.postgresql import THROWAWAY, Postgresql, query
from ladder.services.promises import broken_promises
from ladder.services.servers import STOCKS
from ladder.services.valkey import REDIS_DATABASES, Redis
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner, warm_runner

SLOW_TESTS = """
import os
import time
from pathlib import Path


def test_the_first_greeting_is_hello(fresh_client):
    wait()


def test_a_new_greeting_replaces_the_old_one(fresh_client):
    wait()


def wait():
    Path(REACHED, f"reached-{os.getpid()}").touch()
    time.sleep(20)
"""
CHECK_BY_TWO = """
import os
import sys
import time
from pathlib import Path
from ladder.course.catalog import Catalog
from ladder.checking.check import check
from ladder.services.postgresql import Postgresql

os.environ["DATABASE_URL"] = sys.argv[2]

drop = Postgresql.drop
Postgresql.drop = lambda *words: time.sleep(0.5) or drop(*words)  # it may take a while
print(check(Catalog(Path(sys.argv[1])).find("s0"), processes=2).verdict)
"""
HOLD = """
import sys, time
from ladder.services.servers import running

print(*[running(name).acquire() for name in sys.argv[1:]], flush=True)
time.sleep(1000)
"""
COUNTER = """
import os

import psycopg
from fastapi import FastAPI

app = FastAPI()


@app.post("/visits")
def visit() -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS visits (visit integer)")
        connection.execute("INSERT INTO visits VALUES (1)")
        return connection.execute("SELECT count(*) FROM visits").fetchone()[0]
"""
HASH = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def read() -> int:
    return hash("Ada")
"""
KINDS = pytest.mark.parametrize("kind", [Postgresql, Redis])
in_cells = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")


@pytest.fixture(scope="module", autouse=True)
def without_servers_of_the_users():
    """Let no server of the user's take the place of ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("REDIS_URL", raising=False)
        yield


@pytest.fixture(scope="module")
def postgresql():
    """Return a PostgreSQL server."""
    service = Postgresql()
    yield service
    service.close()


@pytest.fixture(scope="module")
def redis_server():
    """Return a Redis server."""
    service = Redis()
    yield service
    service.close()


@pytest.fixture
def launcher(postgresql, make_app):
    """Return a launcher of an app that counts in a database."""
    launcher = Launcher(warm_runner(Path(sys.executable), ()), make_app(COUNTER), [postgresql])
    yield launcher
    launcher.close()


@pytest.fixture
def user_of(postgresql, monkeypatch):
    """Let a user's own DATABASE_URL name our server, with another account."""
    role = f"role_{time.monotonic_ns()}"
    opened = []

    def user_of(rights):
        postgresql.connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'secret' {rights}")
        parts = urlsplit(postgresql.url)
        monkeypatch.setenv("DATABASE_URL", urlunsplit(parts._replace(netloc=f"{role}:secret@")))
        opened.append(Postgresql())
        return opened[0]

    yield user_of
    for service in opened:
        service.close()
    query(postgresql.url, f"DROP ROLE {role}")


def visit(server):
    return server.client.post("/visits").raise_for_status().json()


def set_key(url):
    """Store a key in a Redis database, and give the number of all its keys."""
    with redis.Redis.from_url(url) as connection:
        connection.set("name", "Ada")
        return connection.dbsize()


def databases(url):
    return {name for (name,) in query(url, "SELECT datname FROM pg_database")}


def test_each_server_gets_an_empty_database(launcher):
    first, second = launcher.launch(), launcher.launch()

    counts = [visit(server) for server in (first, first, second)]

    assert counts == [1, 2, 1]
    assert first.query("SELECT visit FROM visits WHERE visit = %s", 1) == [(1,), (1,)]
    first.close()
    second.close()


def test_a_database_outlives_a_restart_and_goes_with_its_server(launcher, postgresql, eventually):
    server = launcher.launch()
    visit(server)

    server.restart()

    assert visit(server) == 2
    name = server.settings["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    assert name in databases(postgresql.url)
    server.close()
    eventually(lambda: name not in databases(postgresql.url), "the database is dropped")


def test_two_servers_can_share_a_database(launcher):
    first = launcher.launch()
    second = launcher.launch(DATABASE_URL=first.settings["DATABASE_URL"])

    counts = [visit(first), visit(second)]

    assert counts == [1, 2]
    second.close()
    assert visit(first) == 3
    first.close()


def test_a_database_that_is_still_in_use_is_dropped(postgresql, eventually):
    url = postgresql.acquire()

    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.execute("SELECT current_database()").fetchone()[0]
        postgresql.release(url)

        eventually(lambda: name not in databases(postgresql.url), "the database is dropped")


LOAD = ["CREATE TABLE words (word varchar PRIMARY KEY)", "INSERT INTO words VALUES ('Ada'), ('bob'), ('Éva')"]
"""What makes and fills a table."""


def test_a_loaded_database_is_made_once_and_copied(postgresql):
    first = postgresql.acquire_loaded(LOAD)
    query(first, "DELETE FROM words")
    made = list(postgresql.own_loaded)

    second = postgresql.acquire_loaded(LOAD)

    assert query(second, "SELECT count(*) FROM words") == [(3,)]
    assert query(first, "SELECT count(*) FROM words") == [(0,)]
    assert postgresql.own_loaded == made
    for url in (first, second):
        postgresql.release(url)


def test_what_was_loaded_belongs_to_the_app_that_gets_it(postgresql):
    url, other = postgresql.acquire_loaded(LOAD), postgresql.acquire_loaded(LOAD)
    template = postgresql.loaded[None, *LOAD]

    query(url, "ALTER TABLE words ADD COLUMN number integer; CREATE INDEX ON words (number)")

    with pytest.raises(psycopg.Error, match="must be owner"):
        query(url, f"ALTER DATABASE {template} ALLOW_CONNECTIONS true")
    elsewhere = urlunsplit(urlsplit(url)._replace(path=urlsplit(other).path))
    with pytest.raises(psycopg.Error, match="must be owner"):
        query(elsewhere, "DROP TABLE words")
    for copy in (url, other):
        postgresql.release(copy)


@pytest.mark.parametrize(("collation", "plan"), [(None, "Index"), ("C.UTF-8", "Seq Scan")])
def test_a_collation_decides_whether_a_plain_index_serves_like(postgresql, collation, plan):
    url = postgresql.acquire_loaded(
        [*LOAD, "INSERT INTO words SELECT md5(n::text) FROM generate_series(1, 5000) n", "ANALYZE words"],
        collation,
    )

    [(first,), *_] = query(url, "EXPLAIN SELECT FROM words WHERE word LIKE 'abc%%'")

    assert plan in first
    postgresql.release(url)


def test_each_app_gets_an_empty_redis_database(redis_server):
    first, second = redis_server.acquire(), redis_server.acquire()

    assert [set_key(first), set_key(second)] == [1, 1]

    redis_server.release(first)
    redis_server.release(second)
    again = [redis_server.acquire() for _ in range(REDIS_DATABASES)]
    assert {set_key(url) for url in again} == {1}
    with pytest.raises(LadderError, match="no empty database left"):
        redis_server.acquire()
    for url in again:
        redis_server.release(url)


def test_a_postgresql_of_the_users_takes_the_place_of_ours(postgresql, user_of):
    users = user_of("CREATEDB")

    url = users.acquire()

    assert users.program is None
    assert query(url, "SELECT current_user <> 'postgres'") == [(True,)]
    users.release(url)
    loaded = users.acquire_loaded(LOAD)
    assert query(loaded, "SELECT count(*) FROM words") == [(3,)]
    names = {url.partition("?")[0].rpartition("/")[2], *users.own_loaded}
    users.release(loaded)
    users.close()
    assert not names & set(databases(postgresql.url))


def test_processes_that_take_turns_leave_no_database_on_a_server_of_the_users(
    postgresql, user_of, course, command, tmp_path
):
    users = user_of("CREATEDB")
    before = databases(postgresql.url)
    course.edit("exercise.toml", "services = []", 'services = ["postgresql"]')

    process = command.start("-c", CHECK_BY_TWO, course.root, users.url, output=tmp_path / "output")

    assert process.wait() == 0, (tmp_path / "output").read_text()
    assert (tmp_path / "output").read_text() == "passed\n"
    assert databases(postgresql.url) == before


def test_a_check_that_is_interrupted_leaves_no_database_on_a_server_of_the_users(
    postgresql, user_of, course, command, tmp_path, eventually
):
    users = user_of("CREATEDB")
    before = databases(postgresql.url)
    course.edit("exercise.toml", "services = []", 'services = ["postgresql"]')
    course.write("scenarios/00_tiny/tests/test_tiny.py", f"REACHED = {str(tmp_path)!r}\n{SLOW_TESTS}")
    command.environment["DATABASE_URL"] = users.url
    words = ["-m", "ladder", "check", "s0", "--app", course.folder / "solution"]
    process = command.start(*words, output=tmp_path / "output")
    eventually(lambda: list(tmp_path.glob("reached-*")), "a test has a database")
    time.sleep(1)  # by then, any other process would have one as well

    os.killpg(process.pid, signal.SIGINT)

    assert process.wait() == 130, (tmp_path / "output").read_text()
    assert databases(postgresql.url) == before


def test_a_user_who_may_not_create_databases_is_told_what_to_do(user_of):
    with pytest.raises(LadderError, match="ALTER ROLE … CREATEDB"):
        user_of("NOCREATEDB").acquire()


def test_a_redis_of_the_users_takes_the_place_of_ours_and_loses_nothing(redis_server, monkeypatch):
    url = redis_server.acquire()
    set_key(url)
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    users = Redis()

    taken = users.acquire()

    assert users.program is None
    assert taken != url
    assert set_key(taken) == 1
    users.release(taken)
    assert set_key(url) == 1
    redis_server.release(url)


def test_a_database_url_of_another_kind_is_told(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///notes.db")

    with pytest.raises(LadderError, match="names something else"):
        Postgresql()


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (Postgresql, "postgresql://somebody:secret@127.0.0.1:{port}/postgres"),
        (Redis, "redis://:secret@127.0.0.1:{port}/0"),
    ],
)
def test_a_server_of_the_users_that_does_not_answer_is_told_without_its_password(kind, url, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv(kind.setting, url.format(port=port))

    with pytest.raises(LadderError, match=f"unset {kind.setting} to get one of our own") as caught:
        kind().acquire()

    assert "secret" not in str(caught.value)


@KINDS
def test_a_server_that_is_not_installed_is_one_sentence(kind, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(LadderError, match=f"python -m pip install .*, or let {kind.setting} name a server"):
        kind()


def test_a_server_that_does_not_start_is_told_with_its_last_words(monkeypatch):
    monkeypatch.setitem(THROWAWAY, "max_connections", "none")
    service = Postgresql()

    with pytest.raises(LadderError, match=r"PostgreSQL did not start:(.|\n)*max_connections"):
        service.acquire()

    service.close()


@pytest.mark.parametrize("number", [2, 9, 15], ids=["Ctrl-C", "kill -9", "SIGTERM"])
def test_nothing_stays_of_servers_whose_tests_are_gone(
    command, temporary, tmp_path, eventually, processes_of, number
):
    temporary.chmod(0o711)  # the servers may run as another user
    output = tmp_path / "output"
    process = command.start("-c", HOLD, "postgresql", "redis", output=output)
    eventually(lambda: output.read_text().endswith("\n"), "both servers are there")
    assert len(processes_of(temporary)) > 3, output.read_text()

    os.kill(process.pid, number)
    process.wait()

    eventually(lambda: not processes_of(temporary), "no process stays", patience=10)
    eventually(lambda: not list(temporary.iterdir()), "no file stays", patience=10)


def test_an_app_that_is_asked_for_its_exit_status_is_waited_for(make_app):
    app = make_app("import sys, time\ntime.sleep(0.2)\nsys.exit('no configuration')\n")
    launcher = Launcher(warm_runner(Path(sys.executable), ()), app)
    server = launcher.launch()

    assert server.wait_end() == 1
    assert "no configuration" in server.log
    server.close()
    launcher.close()


def test_an_app_that_still_runs_has_no_exit_status(launcher):
    server = launcher.launch()
    visit(server)

    assert server.wait_end(0.05) is None
    server.close()


def test_a_restart_changes_the_seed_of_hash_unless_it_is_warm(make_app):
    app = make_app(HASH)
    launcher = Launcher(warm_runner(Path(sys.executable), ()), app)
    server = launcher.launch()
    first = server.client.get("/").json()

    server.restart(warm=True)
    warm = server.client.get("/").json()
    server.restart()
    cold = server.client.get("/").json()

    assert warm == first
    assert cold != first
    server.close()
    launcher.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_restarts_share_one_new_interpreter_which_ends_with_the_run(make_app, eventually):
    runner = Runner(Path(sys.executable))
    launcher = Launcher(runner, make_app(HASH))
    server = launcher.launch()
    server.client.get("/").raise_for_status()
    assert runner.warm is not None
    first = runner.warm.process.pid

    hashes = []
    for _ in range(2):
        server.restart()
        hashes.append(server.client.get("/").json())
    twins = [pid for pid in children_of(first) if children_of(pid)]  # it has started the server
    server.close()
    launcher.close()
    runner.close()

    assert len(set(hashes)) == 1
    assert len(twins) == 1
    eventually(lambda: not Path(f"/proc/{twins[0]}").exists(), "the other interpreter has ended")


def children_of(pid):
    """Name the processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("COPY (SELECT 1) TO PROGRAM 'true'", id="run a program"),
        pytest.param("COPY (SELECT 1) TO '/tmp/x'", id="write a file"),
        pytest.param("SELECT pg_read_file('/etc/passwd')", id="read a file"),
        pytest.param("CREATE ROLE another", id="make a role"),
        pytest.param("CREATE DATABASE another", id="make a database"),
        pytest.param("ALTER ROLE postgres PASSWORD 'mine'", id="become the superuser"),
    ],
)
def test_an_app_gets_no_rights_beyond_its_own_database(postgresql, statement):
    url = postgresql.acquire()

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(url, statement)

    postgresql.release(url)


def test_nobody_gets_into_a_database_of_ours_without_its_password(postgresql):
    url = postgresql.acquire()
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")

    with pytest.raises(psycopg.OperationalError, match="password"):
        query(urlunsplit(parts._replace(netloc=f"{name}@")), "SELECT 1")

    assert query(url, "SELECT current_user") == [(name,)]
    postgresql.release(url)


def test_an_app_cannot_change_the_redis_server(redis_server):
    url = redis_server.acquire()

    with redis.Redis.from_url(url) as connection, pytest.raises(redis.ResponseError, match="unknown command"):
        connection.config_set("dbfilename", "mine")

    redis_server.release(url)


@pytest.fixture
def serve_alone():
    """Return what gives servers of a kind, one after the other, each in a cell of its own."""
    with ExitStack() as opened:

        @contextmanager
        def serve_alone(name):
            if name not in stocks:
                stocks[name] = STOCKS[name]()
                stocks[name].keep()
                opened.callback(stocks[name].place.close)
            with closing(stocks[name].open()) as service:
                yield service

        stocks = {}
        yield serve_alone


@in_cells
def test_nothing_in_postgresql_outlives_a_server_in_a_cell(serve_alone):
    with serve_alone("postgresql") as first:
        url = first.acquire()
        outside = urlunsplit(urlsplit(url)._replace(path="/postgres"))
        role = urlsplit(url).username
        query(outside, "SELECT lo_from_bytea(0, 'left')")
        query(url, f"ALTER DATABASE {role} IS_TEMPLATE true")
        left = psycopg.connect(outside, autocommit=True)
        left.pgconn.send_query(b"LISTEN news; SELECT pg_sleep(600)")

    with serve_alone("postgresql") as second, closing(left):
        own = urlsplit(second.acquire()).username

        roles = query(second.url, "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'")
        large_objects = query(second.url, "SELECT FROM pg_largeobject_metadata")
        sessions = query(second.url, "SELECT FROM pg_stat_activity WHERE usename <> 'postgres'")

        assert {name for (name,) in roles} == {"postgres", own}
        assert databases(second.url) == {"postgres", "template0", "template1", own}
        assert (large_objects, sessions) == ([], [])


@in_cells
def test_nothing_in_redis_outlives_a_server_in_a_cell(serve_alone):
    with serve_alone("redis") as first, redis.Redis.from_url(first.acquire()) as connection:
        connection.function_load("#!lua name=left\nredis.register_function('left', function() return 1 end)")
        connection.select(5)
        connection.set("left", "behind")

    with serve_alone("redis") as second, redis.Redis.from_url(second.acquire()) as connection:
        assert connection.function_list() == []
        assert connection.info("keyspace") == {}


@in_cells
@pytest.mark.parametrize("name", STOCKS)
def test_a_server_in_a_cell_ends_with_its_processes_and_files(serve_alone, processes_of, name):
    with serve_alone(name) as service:
        service.acquire()
        folder = service.program.folder
        assert len(processes_of(folder)) > 1

    assert not processes_of(folder)
    assert not folder.exists()


@in_cells
@pytest.mark.parametrize("name", STOCKS)
def test_a_server_in_a_cell_sees_nothing_of_the_machine(serve_alone, tmp_path, name):
    secret = tmp_path / "secret"
    secret.touch()
    with serve_alone(name) as service:
        service.acquire()
        place = Path("/proc", str(processes_of(service.program)[-1]))

        assert not (place / "root" / secret.relative_to("/")).exists()
        assert list((place / "root/sockets").iterdir())
        for kind in ("ipc", "mnt", "net", "pid", "user", "uts"):
            assert (place / "ns" / kind).readlink() != Path("/proc/self/ns", kind).readlink()
        status = (place / "status").read_text()
        assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE)
        assert re.search(r"^Uid:\s+[1-9]", status, re.MULTILINE)


@in_cells
def test_what_fills_a_redis_server_is_ended(serve_alone, eventually):
    with serve_alone("redis") as service:
        url, said = service.acquire(), []

        with limited([service.program], said.append), redis.Redis.from_url(url) as connection:
            for number in range(600):
                with suppress(redis.ConnectionError):
                    connection.set(str(number), bytes(2**20))
            eventually(lambda: said, "the limit was noticed")

        assert said == ["it took more than 512 MiB of its database server"]
        with pytest.raises(AppFaultError, match="app's Redis was ended, since it took more than 512 MiB"):
            service.acquire()


@in_cells
def test_a_redis_that_a_script_keeps_busy_holds_nobody_up(serve_alone):
    with serve_alone("redis") as service:
        url = service.acquire()
        with pytest.raises(redis.TimeoutError), redis.Redis.from_url(url, socket_timeout=0.5) as connection:
            connection.eval("while true do end", 0)

        assert service.is_empty(url) is False
        service.release(url)
        assert service.acquire() != url


@in_cells
def test_memory_that_processes_share_counts_once(serve_alone):
    with serve_alone("postgresql") as service, ExitStack() as opened:
        url = service.acquire()
        before = taken(service.program)

        for _ in range(100):
            opened.enter_context(psycopg.connect(url)).execute("SELECT 1")

        assert 0 < taken(service.program) - before < 100 * 5 * MIB


@in_cells
def test_a_doctor_finds_that_servers_in_cells_keep_their_promises():
    assert broken_promises() == {}


@in_cells
def test_a_doctor_notices_what_stays_and_what_has_no_limit(monkeypatch, postgresql, redis_server):
    monkeypatch.setattr(promises, "serve", lambda _: nullcontext((postgresql, redis_server)))
    monkeypatch.setattr(promises, "PATIENCE", 0.1)
    monkeypatch.setattr(promises, "MUCH", 1000)

    assert broken_promises() == {
        "database servers of its own, of which nothing stays for the next submission": "data",
        "limited memory of its database servers": "1000 bytes by PostgreSQL",
    }
