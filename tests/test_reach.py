"""Which tests an edit can matter to: all that begin what it changes, and no others."""

import ast

import pytest

from ladder.authoring.parts import verify_reference
from ladder.authoring.reach import add_notes, first_changed
from ladder.authoring.verify import Job
from ladder.checking.check import check
from ladder.checking.report import Outcome

MODULE = '''\
"""A module."""

from __future__ import annotations

LIMIT = 3


@cache
def judge(number):
    """Judge a number."""
    if number > LIMIT:
        note(number)
        said = "large"
    else:
        said = "small"
    try:
        return tell(said)
    except OSError:
        return None
    finally:
        stop()


class Scale:
    steps = 4

    async def read(self):
        for step in range(self.steps):
            self.show(step)
        self.close()
'''
SPLIT_TESTS = """
def test_the_first_greeting_is_hello(fresh_client):
    assert fresh_client.get("/greeting").json() == {{"text": "Hello"}}
    {}


def test_a_new_greeting_replaces_the_old_one(client):
    assert client.put("/greeting", json={{"text": "Hi"}}).json() == {{"text": "Hi"}}
"""
READS, REPLACES = "test_the_first_greeting_is_hello", "test_a_new_greeting_replaces_the_old_one"


def line_of(text):
    """Return the line of a text that stands once in the module."""
    assert MODULE.count(text) == 1
    return MODULE[: MODULE.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("text", "replacement", "begun"),
    [
        pytest.param('"large"', '"huge"', 'said = "large"', id="within a branch"),
        pytest.param('"small"', '"tiny"', 'said = "small"', id="within the other branch"),
        pytest.param("number > LIMIT", "number >= LIMIT", "if number", id="a condition"),
        pytest.param("except OSError", "except ValueError", "try:", id="what is caught"),
        pytest.param("return None", "return 0", "return None", id="within a handler"),
        pytest.param("self.show(step)", "self.hide(step)", "self.show", id="within a loop of a method"),
        pytest.param("        note(number)\n", "", "note(number)", id="a statement less"),
        pytest.param("        self.close()\n", "", "self.close()", id="the last statement less"),
        pytest.param("close()\n", "close()\n        tell(1)\n", "self.close()", id="one more at the end"),
        pytest.param("    try:\n", "    tell(1)\n    try:\n", "try:", id="one more before another"),
        pytest.param(
            "        note(number)\n",
            "        tell(1)\n        note(number)\n",
            "note(number)",
            id="in a branch",
        ),
        pytest.param(
            '    else:\n        said = "small"\n', '    said = "small"\n', "if number", id="a branch less"
        ),
        pytest.param(
            "tell(said)\n    except OSError:\n        return None\n    finally",
            "ask()\n    except OSError:\n        return None\n    else",
            "try:",
            id="another kind of block, too",
        ),
        pytest.param("tell(said)", "(LIMIT := said)", "if number", id="a name becomes local"),
    ],
)
def test_an_edit_matters_from_the_first_statement_that_it_changes(text, replacement, begun):
    assert MODULE.count(text) == 1

    assert first_changed(MODULE, MODULE.replace(text, replacement)) == line_of(begun)


@pytest.mark.parametrize(
    ("text", "replacement"),
    [
        pytest.param("LIMIT = 3", "LIMIT = 4", id="a constant"),
        pytest.param("@cache", "@lru_cache", id="a decorator"),
        pytest.param("judge(number)", "judge(number=0)", id="a parameter"),
        pytest.param("steps = 4", "steps = 5", id="a class"),
        pytest.param("async def", "def", id="a kind of function"),
        pytest.param("Judge a number.", "Judge.", id="a docstring, which the schema repeats"),
        pytest.param("self.show(step)", "yield step", id="a function becomes a generator"),
        pytest.param('    """Judge a number."""\n', "", id="a docstring less"),
        pytest.param("    if number", "    if (number", id="what is no Python any more"),
        pytest.param("self):\n", "self):\n        'Read.'\n", id="a docstring more"),
        pytest.param("class Scale", "def more():\n    pass\n\n\nclass Scale", id="one function more"),
    ],
)
def test_an_edit_that_an_import_can_see_matters_to_all(text, replacement):
    assert MODULE.count(text) == 1

    assert first_changed(MODULE, MODULE.replace(text, replacement)) is None


def test_two_functions_that_change_matter_to_all():
    edited = MODULE.replace('"large"', '"huge"').replace("self.close()", "tell(1)")

    assert first_changed(MODULE, edited) is None


def test_a_module_that_notes_does_what_it_did_before(tmp_path):
    source, notes = tmp_path / "tiny", tmp_path / "notes"
    source.mkdir()
    (source / "main.py").write_text(MODULE)

    add_notes(source, notes)
    names = {"cache": lambda function: function, "tell": str.upper, "stop": list}
    exec((source / "main.py").read_text(), names)  # noqa: S102 - the text is above

    assert names["judge"].__doc__ == "Judge a number."
    assert [names["judge"](number) for number in (1, 2)] == ["SMALL", "SMALL"]
    lines = [line_of(text) for text in ("if number", 'said = "small"', "try:", "return tell", "stop()")]
    assert notes.read_text().splitlines() == [f"main.py:{line}" for line in lines]


@pytest.fixture
def reach(course):
    """Return a function that tells the tests that an edit of the reference matters to."""

    def reach(text, replacement):
        problem, found = verify_reference(course.exercise)
        assert problem is None
        old = (course.folder / "solution/tiny/main.py").read_text()
        assert old.count(text) == 1
        return found.tests_of("main.py", old, old.replace(text, replacement))

    return reach


def test_an_edit_matters_to_the_tests_that_begin_it(course, reach):
    course.write("scenarios/00_tiny/tests/test_tiny.py", SPLIT_TESTS.format(""))

    assert reach("    return said[-1]", "    return said[0]") == {READS}
    assert reach("    return new", "    return said[0]") == {REPLACES}


def test_a_file_may_be_named_in_another_way(course):
    problem, found = verify_reference(course.exercise)
    old = (course.folder / "solution/tiny/main.py").read_text()

    tests = found.tests_of("./main.py", old, old.replace("return said[-1]", "return said[0]"))

    assert problem is None
    assert tests == {READS, REPLACES}


def test_a_test_that_reads_the_source_can_notice_any_edit(course, reach):
    course.write(
        "scenarios/00_tiny/tests/test_tiny.py",
        SPLIT_TESTS.replace("hello(fresh_client)", "hello(fresh_client, launch)").format("launch().source"),
    )

    assert reach("    return new", "    return said[0]") == {READS, REPLACES}


def test_what_a_start_or_an_import_begins_matters_to_all(course, reach):
    course.write("scenarios/00_tiny/tests/test_tiny.py", SPLIT_TESTS.format(""))
    course.edit(
        "solution/tiny/main.py",
        "app = FastAPI()\n",
        "async def start(app):\n    app.state.a = 1\n    yield\n\n\n"
        "def make():\n    return FastAPI(lifespan=start)\n\n\napp = make()\n",
    )

    assert reach("app.state.a = 1", "app.state.a = 2") is None
    assert reach("return FastAPI(lifespan=start)", "return FastAPI()") is None


def test_a_fork_has_begun_what_it_comes_from(course, reach):
    course.edit(
        "solution/tiny/main.py",
        "said = [Greeting(text=os",
        "def make(text):\n    if text != 'Hello':\n        text = text.strip()\n    return text\n\n\n"
        "said = [Greeting(text=make(os",
    )
    course.edit("solution/tiny/main.py", '"Hello"))', '"Hello")))')
    tests = SPLIT_TESTS.replace("_one(client)", "_one(launch)").format("")
    tests = tests.replace(
        "assert client", "for _ in '123':\n        client = launch(GREETING='Hi').client\n    assert client"
    )
    course.write("scenarios/00_tiny/tests/test_tiny.py", tests)

    assert reach("text.strip()", "text.lower()") == {REPLACES}


def test_what_a_server_begins_later_belongs_to_the_test_that_has_it(course, reach):
    course.edit("solution/tiny/main.py", "import os\n", "import asyncio\nimport os\n")
    course.edit(
        "solution/tiny/main.py",
        "app = FastAPI()\n",
        "async def count():\n    await asyncio.sleep(0.2)\n    said.append(Greeting(text='late'))\n\n\n"
        "async def start(app):\n    app.state.task = asyncio.create_task(count())\n    yield\n\n\n"
        "app = FastAPI(lifespan=start)\n",
    )
    waiting = "import time; server = launch({}); time.sleep(0.6); assert server.client.get('/greeting')"
    course.write(
        "scenarios/00_tiny/tests/test_tiny.py",
        f"def {READS}(launch):\n    launch(GREETING='Hi').process.close()\n    import time; time.sleep(0.6)\n\n\n"
        f"def {REPLACES}(launch):\n    {waiting.format('')}\n",
    )

    assert reach("text='late'", "text='early'") == {REPLACES}


def test_a_mistake_is_judged_by_the_tests_that_can_notice_it_and_those_that_it_names(course, monkeypatch):
    asked = []

    def check_and_note(*args, **options):
        asked.append(options.get("tests"))
        return check(*args, **options)

    monkeypatch.setattr("ladder.authoring.parts.check", check_and_note)
    course.write("scenarios/00_tiny/tests/test_tiny.py", SPLIT_TESTS.format(""))
    finding = Job(course.root, course.folder, "reference").run()
    asked.clear()

    sound = Job(course.root, course.folder, "mistake answers-the-old-one", finding.reach).run()
    elsewhere = Job(course.root, course.folder, "mistake always-the-first", finding.reach).run()

    assert sound.problem is None
    assert asked == [{REPLACES}, {READS, REPLACES}, None]
    assert "caught by nothing, but its entry names 2" in (elsewhere.problem or "")


def test_a_check_of_some_tests_leaves_the_others_out(course):
    report = check(course.exercise, tests={REPLACES})

    assert [result.outcome for result in report.results] == [Outcome.LEFT_OUT, Outcome.PASSED]


def test_every_kind_of_statement_is_noted(tmp_path):
    source = tmp_path / "tiny"
    source.mkdir()
    (source / "main.py").write_text(
        "def act(value):\n"
        "    with open(value) as file:\n"
        "        file.read()\n"
        "    match value:\n"
        "        case 1:\n"
        "            act(2)\n"
        "    while value:\n"
        "        value -= 1\n"
        "    else:\n"
        "        def inner():\n"
        "            return value\n"
        "    try:\n"
        "        inner()\n"
        "    except* OSError:\n"
        "        act(3)\n"
        "    finally:\n"
        "        act(4)\n"
    )

    add_notes(source, tmp_path / "notes")

    calls = [
        node for node in ast.walk(ast.parse((source / "main.py").read_text())) if isinstance(node, ast.Call)
    ]
    noted = [node.args[0].value for node in calls if getattr(node.func, "id", "") == "__note__"]
    assert sorted(noted) == [2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 15, 17]
