"""A class with PostgreSQL or Redis: whatever one submission leaves in its server, the next one meets nothing of it."""

import csv
import shutil

import pytest

ANSWER = "    return said[-1]"
LEAVE = """
import threading
import time
from urllib.parse import urlsplit, urlunsplit

import psycopg

URL = os.environ["DATABASE_URL"]
OWN = urlsplit(URL).username
SHARED = urlunsplit(urlsplit(URL)._replace(path="/postgres"))
TEMPLATE = urlunsplit(urlsplit(URL)._replace(path="/template1"))


def tell(url, *statements):
    with psycopg.connect(url, autocommit=True) as connection:
        return [connection.execute(statement).fetchall() for statement in statements]


def begin(url, *statements):
    connections.append(psycopg.connect(url, autocommit=True))
    for statement in statements[:-1]:
        connections[-1].execute(statement)
    connections[-1].pgconn.send_query(statements[-1].encode())


connections = []
"""
LOOK = """
import psycopg
from urllib.parse import urlsplit, urlunsplit

FOUND = {
    "sessions": "SELECT datname FROM pg_stat_activity WHERE usename <> current_user AND usename <> 'postgres'",
    "large objects": "SELECT oid FROM pg_largeobject_metadata",
    "roles": "SELECT rolname FROM pg_roles WHERE rolconfig::text LIKE '%left%'",
    "templates": "SELECT datname FROM pg_database WHERE datistemplate AND datname LIKE 'ladder%'",
    "advisory locks": "SELECT objid FROM pg_locks WHERE locktype = 'advisory'",
}


def look():
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(urlunsplit(url._replace(path="/postgres")), autocommit=True) as connection:
        seen = {what: connection.execute(statement).fetchall() for what, statement in FOUND.items()}
    return {what: rows for what, rows in seen.items() if rows}
"""
LEAVERS = {
    "a session in template1": 'begin(TEMPLATE, "SELECT pg_sleep(600)")',
    "a session in postgres": 'begin(SHARED, "SELECT pg_advisory_lock(7)", "SELECT pg_sleep(600)")',
    "a listener": 'begin(SHARED, "LISTEN news", "SELECT pg_sleep(600)")',
    "a large object": """tell(SHARED, "SELECT lo_from_bytea(0, 'left')")""",
    "a role": """tell(SHARED, "SELECT lo_from_bytea(0, 'left')", f"ALTER ROLE {OWN} SET application_name = 'left'")""",
    "a template": 'tell(URL, f"ALTER DATABASE {OWN} IS_TEMPLATE true")',
    "all connections": 'while True:\n        begin(TEMPLATE, "SELECT pg_sleep(600)")',
}
"""What a submission may leave, and the statement that leaves it."""
LEAVE_IN_REDIS = """
import redis

RUN_FOR_EVER = "while true do end"


def leave():
    with redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=0.2) as connection:
        connection.function_load("#!lua name=left\\nredis.register_function('left', function() return 1 end)")
        for number in range(256):
            connection.select(number)
            connection.set("left", "behind")
        connection.eval(RUN_FOR_EVER, 0)
"""
LOOK_IN_REDIS = """
import redis


def look():
    with redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5) as connection:
        return connection.function_list() or connection.info("keyspace")
"""


@pytest.fixture
def hand_in(tmp_path, course):
    """Hand in the reference with more code, of which a part runs before each answer."""

    def hand_in(learner, code, before_answer):
        folder = tmp_path / "submissions" / learner
        shutil.copytree(course.folder / "solution", folder, ignore=shutil.ignore_patterns("__pycache__"))
        main = folder / "tiny/main.py"
        text = main.read_text().replace("import os\n", f"import os\n{code}", 1)
        main.write_text(text.replace(ANSWER, f"    {before_answer}\n{ANSWER}"))

    return hand_in


@pytest.fixture
def grade(command, tmp_path):
    """Type `ladder grade`, one submission after the other, and give the table's rows by the learner's id."""

    def grade(**settings):
        out = tmp_path / "grades"
        submissions = tmp_path / "submissions"
        done = command.ladder(
            *("grade", submissions, "--exercise", "s0", "--out", out, "--jobs", 1), **settings
        )
        if not (out / "grades.csv").exists():
            return done
        with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
            return {row["learner"]: row for row in csv.DictReader(file)}

    return grade


@pytest.mark.timeout(300)
def test_nothing_that_a_submission_leaves_in_postgresql_is_there_for_the_next(course, hand_in, grade):
    course.edit("exercise.toml", "services = []", 'services = ["postgresql"]')
    for number, (what, leave) in enumerate(LEAVERS.items()):
        hand_in(f"{number}-{what}", LEAVE, f"try:\n        {leave}\n    except psycopg.Error:\n        pass")
    hand_in("9-next", LOOK, 'if found := look():\n        return {"text": str(found)}')

    rows = grade()

    assert (rows["9-next"]["total"], rows["9-next"]["reason"]) == ("2", "")
    assert {row["status"] for row in rows.values()} == {"graded"}


def test_nothing_that_a_submission_leaves_in_redis_is_there_for_the_next(course, hand_in, grade):
    course.edit("exercise.toml", "services = []", 'services = ["redis"]')
    hand_in("1-leaves", LEAVE_IN_REDIS, "try:\n        leave()\n    except redis.RedisError:\n        pass")
    hand_in("2-next", LOOK_IN_REDIS, 'if found := look():\n        return {"text": str(found)}')

    rows = grade()

    assert (rows["2-next"]["total"], rows["2-next"]["reason"]) == ("2", "")
    assert {row["status"] for row in rows.values()} == {"graded"}


@pytest.mark.parametrize(
    ("service", "setting", "url"),
    [
        ("postgresql", "DATABASE_URL", "postgresql://teacher:secret@localhost/postgres"),
        ("redis", "REDIS_URL", "redis://:secret@localhost/0"),
    ],
)
def test_a_class_is_not_graded_on_a_server_that_all_would_share(
    course, hand_in, grade, tmp_path, service, setting, url
):
    course.edit("exercise.toml", "services = []", f'services = ["{service}"]')
    hand_in("ada", "", "pass")

    done = grade(**{setting: url})

    assert done.returncode == 2
    assert f"Nobody was judged: {setting} in your environment" in done.stderr
    assert f"unset {setting}" in done.stderr
    assert "secret" not in done.stderr
    assert not (tmp_path / "grades").exists()


def test_an_exercise_without_a_server_is_graded_whatever_the_environment_names(hand_in, grade):
    hand_in("ada", "", "pass")

    rows = grade(DATABASE_URL="postgresql://teacher:secret@localhost/postgres")

    assert rows["ada"]["total"] == "2"
