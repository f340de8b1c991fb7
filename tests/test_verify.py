"""`ladder verify`: a sound exercise has no finding, and each way to spoil one has its own."""

from pathlib import Path

import pytest

from ladder.authoring.documents import ticket_problems
from ladder.authoring.parts import OneFailureEach
from ladder.authoring.verify import Job, parts_of
from ladder.checking.check import check
from ladder.course.catalog import Catalog

ROOT = Path(__file__).parent.parent

SHARING_TESTS = """
def test_a_new_greeting_replaces_the_old_one(client):
    assert client.put("/greeting", json={{"text": "Hi"}}).json() == {{"text": "Hi"}}


def test_the_first_greeting_is_hello(client):
    assert client.get("/greeting"){}
"""
SPOILING = 'append(new)\\n"\nreplacement = "    said.clear()\\n    raise ValueError\\n"'


@pytest.fixture
def find(course):
    """Verify one part of the exercise, and give the problem that was found."""

    def find(part):
        try:
            finding = Job(course.root, course.folder, part).run()
        except KeyboardInterrupt as error:  # it would end these tests as well
            raise AssertionError("the check says that somebody pressed Ctrl-C") from error
        assert (finding.exercise, finding.part) == ("scenarios/00_tiny", part)
        return finding.problem

    return find


def test_every_mistake_is_a_part_and_the_last_one_comes_first(course):
    assert parts_of(course.exercise) == [
        *("reference", "reference on one server"),
        *("mistake answers-the-old-one", "mistake always-the-first"),
        *("mistake forgets", "mistake created", "mistake another-word"),
        *("starter", "contract", "documents"),
    ]


def test_a_question_of_the_brief_is_answered_in_the_discussion(course, find):
    course.edit("README.md", "| S0.1 | A greeting |", "| S0.1 | How would you greet? |")
    missing = find("documents")
    course.write(
        "scenarios/00_tiny/discussion.md", "# Discussion\n\n## S0.1 How would you greet?\n\nPolitely.\n"
    )
    answered = find("documents")
    course.edit("discussion.md", "Politely.", "Politely. " * 151)
    long = find("documents")

    assert missing == "discussion.md: answer S0.1 under a heading '## S0.1 …'"
    assert answered is None
    assert long == "discussion.md: 'S0.1 How would you greet?' has more than 150 words"


def test_in_a_hurry_a_mistake_is_judged_only_by_the_criteria_that_it_names(course):
    more = r"said.append(Greeting(text=\"Hi\"))\n@app.put(\"/greeting\", status_code=201)"
    course.edit(
        "mistakes.toml", "replacement = '@app.put(\"/greeting\", status_code=201)'", f'replacement = "{more}"'
    )
    course.edit(
        "mistakes.toml",
        'said.append(new)\\n"\nreplacement = ""\ncaught_by = [2]',
        'said.append(new)\\n"\nreplacement = ""\ncaught_by = [1]',
    )

    def problem_of(name, quick):
        return Job(course.root, course.folder, f"mistake {name}", quick=quick).run().problem

    assert "caught by 1, 2, but its entry names 2" in problem_of("created", quick=False)
    assert problem_of("created", quick=True) is None
    assert "caught by nothing, but its entry names 1" in problem_of("forgets", quick=True)


def test_in_a_hurry_what_goes_wrong_once_and_not_again_is_told_and_is_sound(course, tmp_path):
    place = tmp_path / "asked"  # a look asks twice: with one server, and with one for each test
    lucky = (
        f"    open('{place}', 'a').write('x') and open('{place}').read() in ('x', 'xx') and said.append(new)"
    )
    course.edit(
        "mistakes.toml",
        'said.append(new)\\n"\nreplacement = ""',
        f'said.append(new)\\n"\nreplacement = "{lucky}\\n"',
    )

    def find(quick):
        finding = Job(course.root, course.folder, "mistake forgets", quick=quick).run()
        return finding.problem, finding.once

    missed = "caught by nothing, but its entry names 2"
    first = find(quick=True)
    second = find(quick=True)
    place.unlink()
    problem, once = find(quick=False)

    assert first[0] is None
    assert missed in first[1]
    assert second == (None, None)
    assert missed in problem
    assert once is None


def test_of_a_wrong_version_no_further_row_is_run_once_one_has_failed():
    exercise = Catalog(ROOT).find("s0")
    chosen = {"test_a_note_can_be_read_by_its_id", "test_similar_and_equal_notes_are_different_notes"}
    rows = [len(result.failures) for result in check(exercise, exercise.starter, tests=chosen).results]

    report = check(exercise, exercise.starter, tests=chosen, plugins=[OneFailureEach()])

    assert max(rows) > 1
    assert [len(result.failures) for result in report.results] == [min(count, 1) for count in rows]


def test_a_ticket_is_short_but_for_what_is_folded_away(course, find):
    course.edit("README.md", "Politeness.", "Politeness. " * 600)

    assert "README.md: 7" in find("documents")
    assert "words, and 600 at most may stand outside of its folded part (<details>)" in find("documents")

    course.edit(
        "README.md", "Politeness. " * 600, "Politeness.\n<details>\n" + "Politeness. " * 600 + "</details>"
    )

    assert find("documents") is None


def test_where_every_test_has_servers_of_its_own_there_is_nothing_to_share(course, find):
    course.edit("tests/test_tiny.py", "(client, values)", "(fresh_client, values)")
    course.edit("tests/test_tiny.py", "client.put", "fresh_client.put")
    course.edit("tests/test_tiny.py", "assert client.get", "assert fresh_client.get")

    assert find("reference") is None
    assert find("reference on one server") is None


@pytest.mark.parametrize(
    ("name", "text", "replacement", "part", "said"),
    [
        pytest.param(
            *("solution/tiny/main.py", '"Hello"', '"Howdy"', "reference"),
            'criterion 1 (failed): assert response.json() == {"text": "Hello"}',
            id="a reference that fails",
        ),
        pytest.param(
            *("solution/tiny/main.py", "app = FastAPI()", "app = FastAPI(", "reference"),
            "solution/tiny/main.py does not start. ",
            id="a reference that does not start",
        ),
        pytest.param(
            *(
                "starter/tiny/main.py",
                "read_greeting() -> None:",
                "read_greeting():\n    return {'text': 'Hello'}",
            ),
            *("starter", "it passes 1: "),
            id="a starter that passes something",
        ),
        pytest.param(
            *("starter/tiny/main.py", "app = FastAPI()", "", "starter"),
            "starter/tiny/main.py does not start. ",
            id="a starter that does not start",
        ),
        pytest.param(
            *(
                "tests/test_tiny.py",
                "(fresh_client):\n",
                "(fresh_client):\n    import pytest; pytest.skip('no')\n",
            ),
            *("starter", "criteria 1 could not be judged: The test was skipped"),
            id="a starter that cannot be judged",
        ),
        pytest.param(
            *("mistakes.toml", "caught_by = [1]", "caught_by = [2]", "mistake another-word"),
            "caught by 1, but its entry names 2 ",
            id="a mistake that other criteria catch",
        ),
        pytest.param(
            *("mistakes.toml", "replacement = '\"Hi\"'", 'replacement = \'"Hello" or "Hi"\''),
            *("mistake another-word", "caught by nothing, but its entry names 1 "),
            id="a mistake that nothing catches",
        ),
        pytest.param(
            *(
                "mistakes.toml",
                'new)\\n"\nreplacement = ""',
                'new)\\n"\nreplacement = "    say(new)\\n"',
                "mistake forgets",
            ),
            "it is broken, and fails for that reason: NameError: name 'say' is not defined",
            id="a mistake that is broken",
        ),
        pytest.param(
            *("mistakes.toml", "text = '\"Hello\"'", "text = '\"Howdy\"'", "mistake another-word"),
            "its text stands 0 times in main.py",
            id="a mistake whose text does not occur",
        ),
        pytest.param(
            *("mistakes.toml", "text = '\"Hello\"'", "text = 'Greeting'", "mistake another-word"),
            "its text stands 5 times in main.py",
            id="a mistake whose text occurs often",
        ),
        pytest.param(
            *("mistakes.toml", '[[mistake]]\nname = "created"', '[[mistake]]\nfil = 1\nname = "created"'),
            *("documents", "mistakes.toml: mistake.1.fil: "),
            id="a mistake with an unknown key",
        ),
        pytest.param(
            *("mistakes.toml", 'name = "created"', 'name = "another-word"'),
            *("documents", "mistakes.toml: a name stands there twice"),
            id="two mistakes with one name",
        ),
        pytest.param(
            *("hints.md", "3. `list.append` keeps it.\n", "", "documents"),
            "hints.md: 'A new greeting replaces the old one.' has 2 steps, and needs 3",
            id="hints with a step missing",
        ),
        pytest.param(
            *("hints.md", "`list.append` keeps it.", "Try `said.append(new)`.", "documents"),
            "hints.md: a line of the reference stands there: said.append(new)",
            id="a hint with a line of the reference",
        ),
        pytest.param(
            *("hints.md", "## The first greeting is hello.", "## The first greeting is hi.", "documents"),
            "hints.md: the headings are not the criteria in their order; "
            "see ['The first greeting is hello.', 'The first greeting is hi.']",
            id="hints for another criterion",
        ),
        pytest.param(
            *(
                "README.md",
                "## New here\n\n[First steps](https://fastapi.tiangolo.com/tutorial/first-steps/).\n",
                "",
            ),
            *(
                "documents",
                "README.md: its sections are Story, Contract, Requirements, Acceptance criteria, Not in",
            ),
            id="a section missing",
        ),
        pytest.param(
            *("README.md", "\nPoliteness.\n", "", "documents"),
            "README.md: nothing stands under Not in this rung",
            id="an empty section",
        ),
        pytest.param(
            *(
                "README.md",
                "| S0.2 | Another greeting | 2 |",
                "| S0.2 | Another greeting | 2, 3 |",
                "documents",
            ),
            "README.md: the requirements name criteria that do not exist: [3]",
            id="a requirement with a criterion that does not exist",
        ),
        pytest.param(
            *("README.md", "| S0.2 | Another greeting | 2 |\n", "", "documents"),
            "README.md: no requirement names the criteria [2]",
            id="a criterion without a requirement",
        ),
        pytest.param(
            *("README.md", "2. A new greeting replaces the old one.\n", "", "documents"),
            "test_a_new_greeting_replaces_the_old_one is not a criterion of the ticket",
            id="a test without a criterion",
        ),
        pytest.param(
            *("exercise.toml", "needs = []", 'needs = ["scenarios/07_gone"]', "documents"),
            "exercise.toml: needs names scenarios/07_gone, which is no exercise",
            id="an exercise that is needed and is not there",
        ),
        pytest.param(
            *("README.md", '{"text": "Hello"}', '{"text": "Howdy"}', "contract"),
            "GET /greeting promises {'text': 'Howdy'}; it answers {\"text\":\"Hello\"}",
            id="an example with another body",
        ),
        pytest.param(
            *("README.md", "GET /greeting\n\nHTTP/1.1 200", "GET /greeting\n\nHTTP/1.1 201", "contract"),
            'GET /greeting promises 201; it answers 200 {"text":"Hello"}',
            id="an example with another status",
        ),
        pytest.param(
            *(
                "README.md",
                "200 OK\nContent-Type: application/json",
                "200 OK\nContent-Type: text/plain",
                "contract",
            ),
            "GET /greeting promises Content-Type: text/plain; it answers application/json",
            id="an example with another header",
        ),
        pytest.param(
            *(
                "README.md",
                'PUT /greeting\nContent-Type: application/json\n\n{"text": "Hi"}',
                "PUT /greeting\n\nHi",
            ),
            *("contract", "PUT /greeting promises 200; it answers 422 "),
            id="an example with a request that is not valid",
        ),
    ],
)
def test_a_spoilt_exercise_is_found_with_the_reason(course, find, name, text, replacement, part, said):
    course.edit(name, text, replacement)

    problem = find(part)

    assert problem is not None
    assert said in problem


def test_a_criterion_that_counts_on_an_empty_app_without_saying_so_is_found(course, find):
    course.write("scenarios/00_tiny/tests/test_tiny.py", SHARING_TESTS.format('.json() == {"text": "Hello"}'))

    problem = find("reference on one server")

    assert problem is not None
    assert problem.startswith("criterion 1 counts on an app without a past, so it needs fresh_client: ")


def test_a_mistake_that_spoils_other_criteria_on_one_server_is_tried_on_servers_of_their_own(course, find):
    course.write("scenarios/00_tiny/tests/test_tiny.py", SHARING_TESTS.format(".status_code == 200"))
    course.edit("mistakes.toml", 'append(new)\\n"\nreplacement = ""', SPOILING)

    assert find("mistake forgets") is None


@pytest.mark.parametrize(
    ("text", "replacement", "said"),
    [
        pytest.param("return said[-1]", "return said[-2]", None, id="a mutant"),
        pytest.param("return said[-1]", "return said[(-2)]", None, id="in another form"),
        pytest.param(
            "return said[-1]", "return said[-3]", "'return said[-1]' in main.py makes no mutant", id="none"
        ),
        pytest.param(
            "return", "return None or", "'return' in main.py makes no mutant", id="a text that stands often"
        ),
        pytest.param("return said[-1]", "return said[", "makes no mutant", id="no Python"),
    ],
)
def test_what_is_listed_as_equivalent_must_be_a_mutant(course, find, text, replacement, said):
    entry = f'[[equivalent]]\nfile = "main.py"\ntext = "{text}"\nreplacement = "{replacement}"\nwhy = "So."\n'
    course.write("scenarios/00_tiny/equivalents.toml", entry)

    problem = find("documents")

    assert problem is None if said is None else said in problem


def test_an_equivalent_in_a_file_that_is_not_there_is_found(course, find):
    entry = '[[equivalent]]\nfile = "gone.py"\ntext = "a"\nreplacement = "b"\nwhy = "So."\n'
    course.write("scenarios/00_tiny/equivalents.toml", entry)

    assert "'a' in gone.py makes no mutant" in find("documents")


def test_an_equivalent_without_a_reason_is_found(course, find):
    entry = '[[equivalent]]\nfile = "main.py"\ntext = "said[-1]"\nreplacement = "said[-2]"\n'
    course.write("scenarios/00_tiny/equivalents.toml", entry)

    assert "equivalents.toml: equivalent.0.why: Field required" in find("documents")


def test_too_few_mistakes_are_found(course, find):
    first, *others = (course.folder / "mistakes.toml").read_text().split("[[mistake]]\n")
    course.write("scenarios/00_tiny/mistakes.toml", "[[mistake]]\n".join([first, *others[:3]]))

    assert find("documents") == "mistakes.toml: 3 mistakes, and at least 4 are needed for so many criteria"


def test_a_test_that_loops_over_requests_before_it_judges_is_found(course, find):
    course.edit(
        "tests/test_tiny.py", '    new = {"text"', '    [client.get("/") for _ in "ab"]\n    new = {"text"'
    )

    assert find("documents").startswith(
        "tests/test_tiny.py:9: this loop sends requests before anything is judged"
    )


def test_a_contract_without_an_example_is_found(course, find):
    text = (course.folder / "README.md").read_text()
    course.write("scenarios/00_tiny/README.md", text.replace("```http", "```text"))

    assert find("contract") == "the ticket's Contract has no example (a block marked http)"


def test_an_example_whose_answer_is_no_json_is_found(course, find):
    course.edit("solution/tiny/main.py", "def read_greeting() -> Greeting:", "def read_greeting():")
    course.edit(
        "solution/tiny/main.py",
        "    return said[-1]",
        "    return Response('Hello', media_type='application/json')",
    )
    course.edit("solution/tiny/main.py", "import FastAPI", "import FastAPI, Response")

    problem = find("contract")

    assert problem is not None
    assert "GET /greeting" in problem


def test_an_example_that_ends_the_app_is_found(course, find):
    course.edit("solution/tiny/main.py", "    return said[-1]", "    os._exit(3)")

    problem = find("contract")

    assert problem is not None
    assert "GET /greeting was not answered. The app exited with status 3" in problem


def test_a_mistake_in_a_file_that_is_not_there_is_found(course, find):
    text = (course.folder / "mistakes.toml").read_text().replace('file = "main.py"', 'file = "routes.py"', 1)
    course.write("scenarios/00_tiny/mistakes.toml", text)

    assert find("mistake another-word") == "its text stands 0 times in routes.py, and must stand there once"


@pytest.mark.parametrize("name", ["README.md", "hints.md", "mistakes.toml", "tests"])
def test_a_part_that_is_missing_is_found(course, find, name):
    (course.folder / name).rename(course.root / "elsewhere")

    problem = find("documents")

    assert problem is not None
    assert problem.startswith(f"scenarios/00_tiny has no {name}. ")


@pytest.mark.parametrize(
    ("promised", "came"),
    [
        pytest.param('"2024-02-29T12:00:00Z"', '"2025-01-01T00:00:00.123456Z"', id="a time"),
        pytest.param('"2024-02-29T12:00:00+00:00"', '"2025-01-01T00:00:00Z"', id="a time with an offset"),
        pytest.param(
            '"6f1c1b0e-5f0a-4b57-9f62-1a0e8f2f6c11"', '"00000000-0000-4000-8000-000000000000"', id="a UUID"
        ),
    ],
)
def test_a_promised_time_or_uuid_stands_for_any_other(course, find, promised, came):
    course.edit("README.md", '{"text": "Hello"}', f'{{"text": {promised}}}')
    course.edit("solution/tiny/main.py", '"Hello"', came)

    assert find("contract") is None


@pytest.mark.parametrize(
    ("promised", "came"),
    [
        pytest.param('"2024-02-29T12:00:00Z"', '"2025-01-01T00:00:00"', id="a time without an offset"),
        pytest.param(
            '"2024-02-29T12:00:00Z"', '"2025-01-01T00:00:00+05:45"', id="a time with another offset"
        ),
        pytest.param('"2024-02-29"', '"2025-01-01"', id="a day"),
        pytest.param('"6f1c1b0e-5f0a-4b57-9f62-1a0e8f2f6c11"', '"6f1c1b0e"', id="no UUID"),
        pytest.param("1", '"1"', id="a number for a string"),
    ],
)
def test_a_promise_that_is_broken_is_found(course, find, promised, came):
    course.edit("README.md", '{"text": "Hello"}', f'{{"text": {promised}}}')
    course.edit("solution/tiny/main.py", '"Hello"', came)

    problem = find("contract")

    assert problem is not None
    assert problem.startswith("GET /greeting promises ")


def test_a_ticket_may_speak_of_a_todo(course):
    readme = course.folder / "README.md"
    readme.write_text(readme.read_text().replace("## Story\n\n", "## Story\n\nA task is TODO at first. ", 1))

    assert "A task is TODO" in readme.read_text()
    assert list(ticket_problems(course.exercise)) == []
