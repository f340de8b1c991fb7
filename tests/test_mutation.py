"""`ladder verify --mutants`: what becomes of mutants, from the reference to the exit status."""

import re

import pytest

from ladder.authoring.mutants import find_mutants
from ladder.authoring.mutation import Batch, Choice, Fate, Judged, Score, measure
from ladder.authoring.reach import Reach
from ladder.base.errors import LadderError

FIRST, SECOND = "test_the_first_greeting_is_hello", "test_a_new_greeting_replaces_the_old_one"
ENDLESS = """
@app.put("/greeting")
def replace_greeting(new: Greeting) -> Greeting:
    \"\"\"Say this from now on.\"\"\"
    rest = 1
    while rest > 0:
        rest -= 1
    said.append(new)
    return new
"""
EQUIVALENT = """\
[[equivalent]]
file = "main.py"
text = "return said[-1]"
replacement = "return said[(-1)]"
why = "The brackets change nothing."
"""


@pytest.fixture(scope="module")
def choice(tmp_path_factory, make_course):
    """Return what is measured on the small exercise."""
    course = make_course(tmp_path_factory.mktemp("measured"))
    return measure(course.root, course.folder)


@pytest.fixture
def judge(course, choice):
    """Judge the mutants whose changed line begins so, and give the fate of each by that line."""

    def judge(*beginnings, choice=choice):
        found = find_mutants(course.exercise.solution.source)
        changed = {added_line(one): one for one in found}
        chosen = [one for line, one in changed.items() if line.startswith(beginnings)]
        assert chosen
        judged = Batch(course.root, course.folder, chosen, choice, seed=1).run()
        return {added_line(one.mutant): one.fate for one in judged}

    return judge


def added_line(mutant):
    """Return the first line that a mutant changes, as it is then."""
    return next(line[1:].strip() for line in mutant.difference.splitlines()[3:] if line.startswith("+"))


def test_a_mutant_that_a_test_notices_is_killed(judge):
    assert judge("return said[") == {
        "return said[1]": Fate.KILLED,
        "return said[-2]": Fate.KILLED,
        "return said[-0]": Fate.KILLED,
    }


def test_a_mutant_that_does_not_start_is_stillborn(judge):
    assert judge("said = [Greeting()]") == {"said = [Greeting()]": Fate.STILLBORN}


def test_a_mutant_that_no_test_notices_survives(judge):
    survivor = "said = [Greeting(text=os.environ.get('GREETINGx', \"Hello\"))]"

    assert judge("said = [Greeting(text=os.environ.get('GREETINGx'") == {survivor: Fate.SURVIVED}


def test_a_mutant_that_does_not_come_to_an_end_is_killed_soon(course, judge, monkeypatch):
    text = (course.folder / "solution/tiny/main.py").read_text()
    course.write("scenarios/00_tiny/solution/tiny/main.py", text[: text.index('\n@app.put("')] + ENDLESS)
    monkeypatch.setattr("ladder.authoring.mutation.LEAST_LIMIT", 0.5)
    monkeypatch.setattr("ladder.authoring.mutation.LIMIT_FACTOR", 0)

    assert judge("rest -= 0", choice=measure(course.root, course.folder)) == {"rest -= 0": Fate.KILLED}


def test_what_fails_once_only_kills_nothing(course, judge):
    lucky = 'assert client.get("/greeting").json() == new\n    TRIES.append(1)\n    assert len(TRIES) > 1\n'
    course.edit("tests/test_tiny.py", 'assert client.get("/greeting").json() == new\n', lucky)
    text = (course.folder / "tests/test_tiny.py").read_text()
    course.write("scenarios/00_tiny/tests/test_tiny.py", f"TRIES = []\n\n\n{text}")

    assert list(judge("said = [Greeting(text=os.environ.get('GREETINGx'").values()) == [Fate.SURVIVED]


def test_what_is_measured_says_which_tests_begin_a_line_and_how_long_each_takes(course, choice):
    text = (course.folder / "solution/tiny/main.py").read_text()
    mutant = next(one for one in find_mutants(course.exercise.solution.source) if one.kind == "statement")
    assert "said.append(new)" in text.splitlines()[mutant.line - 1]

    choice.turn_to(mutant)

    assert choice.tests == {SECOND}
    assert choice.near == {SECOND}
    assert choice.seconds.keys() == {FIRST, SECOND}


def test_the_last_killer_comes_first_then_who_is_near_then_who_is_quick():
    seconds = {"slow": 3.0, "near": 2.0, "quick": 1.0, "killer": 4.0, "last killer": 5.0}
    choice = Choice(Reach(frozenset(), {}, frozenset()), seconds, near={"near"})
    choice.note_killer("last killer")
    choice.note_killer("killer")
    choice.note_killer("last killer")

    assert sorted(seconds, key=choice.rank) == ["last killer", "killer", "near", "quick", "slow"]


def test_a_limit_follows_what_the_reference_took():
    choice = Choice(Reach(frozenset(), {}, frozenset()), {"a": 1.0, "b": 20.0})

    assert [choice.limit(test) for test in ("new", "a", "b")] == [10.0, 15.0, 60]


@pytest.mark.parametrize(
    ("fates", "share", "is_enough"),
    [
        pytest.param([Fate.KILLED] * 49 + [Fate.SURVIVED], 0.98, True, id="just enough"),
        pytest.param([Fate.KILLED] * 48 + [Fate.SURVIVED], 48 / 49, False, id="one too few"),
        pytest.param([Fate.STILLBORN, Fate.EQUIVALENT, Fate.KILLED], 1.0, True, id="who cannot be killed"),
        pytest.param([], 1.0, True, id="no mutants"),
    ],
)
def test_a_score_is_the_share_of_those_that_can_be_killed(course, fates, share, is_enough):
    mutant = find_mutants(course.exercise.solution.source)[0]

    score = Score("scenarios/00_tiny", 100, [Judged(mutant, fate, 1.0) for fate in fates], 1.0)

    assert (score.share, score.is_enough) == (share, is_enough)


def test_a_reference_that_does_not_pass_cannot_be_measured(course):
    course.edit("solution/tiny/main.py", '"Hello"', '"Howdy"')

    with pytest.raises(LadderError, match="The reference of scenarios/00_tiny does not pass"):
        measure(course.root, course.folder)


def test_the_command_shows_survivors_and_counts_and_gives_status_1(command):
    ran = command.ladder("verify", "--mutants", "s0")

    assert ran.returncode == 1, ran.stderr
    assert "SURVIVED  scenarios/00_tiny · constant · main.py:16" in ran.stdout
    assert '-said = [Greeting(text=os.environ.get("GREETING", "Hello"))]' in ran.stdout
    assert "+said = [Greeting(text=os.environ.get('GREETINGx', \"Hello\"))]" in ran.stdout
    assert "No request shows it: " in ran.stdout
    counts = "1 stillborn, 8 killed, 0 equivalent, 1 survived"
    assert f"  88.9%  scenarios/00_tiny: 10 mutants: {counts}" in ran.stdout
    assert re.search(r"one took [\d.]+ s in the median, one ladder check [\d.]+ s", ran.stdout)


def test_the_witness_shows_what_the_tests_overlook(course, command):
    course.edit("tests/test_tiny.py", "assert client.get", "client.get")

    ran = command.ladder("verify", "--mutants", "s0")

    assert ran.returncode == 1, ran.stderr
    assert (
        "These requests show it, the last one:\n  curl -i -g -X PUT http://127.0.0.1:8000/greeting"
        in ran.stdout
    )


def test_survivors_that_are_listed_as_equivalent_are_enough_and_scores_are_written(course, command):
    survivor = "'GREETINGx'"
    entry = EQUIVALENT.replace("return said[-1]", '\\"GREETING\\"').replace("return said[(-1)]", survivor)
    course.write("scenarios/00_tiny/equivalents.toml", entry)

    ran = command.ladder("verify", "--mutants", "s0", "--write")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "SURVIVED" not in ran.stdout
    assert " 1 equivalent, 0 survived" in ran.stdout
    document = (course.root / "docs/soundness.md").read_text()
    assert "| scenarios/00_tiny | 2 | 5 | 10 | 10 | 1 | 8 | 1 | 0 | 100.0% |" in document.splitlines()


def test_a_sample_is_judged_where_one_is_asked_for(command):
    ran = command.ladder("verify", "--mutants", "s0", "--sample", "2", "--seed", "5")

    assert re.search(r"scenarios/00_tiny: 2 of \d+ mutants: ", ran.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--mutants", "s9"], "There is no exercise called 's9'", id="exercise"),
        pytest.param(["--mutants", "--sample", "0"], "Invalid value for '--sample'", id="sample of none"),
        pytest.param(["--mutants", "--sample", "many"], "Invalid value for '--sample'", id="sample"),
        pytest.param(["--mutants", "--seed", "x"], "Invalid value for '--seed'", id="seed"),
        pytest.param(["--sample", "5"], "are about mutants: pass --mutants as well", id="sample alone"),
        pytest.param(["--seed", "5"], "are about mutants: pass --mutants as well", id="seed alone"),
        pytest.param(["--write"], "are about mutants: pass --mutants as well", id="write alone"),
    ],
)
def test_what_cannot_be_is_told_with_status_2(command, arguments, said):
    ran = command.ladder("verify", *arguments)

    assert ran.returncode == 2
    assert said in ran.stderr


def test_an_exercise_that_cannot_be_judged_is_told_with_status_2_and_the_others_are_judged(course, command):
    course.edit("solution/tiny/main.py", '"Hello"', '"Howdy"')
    course.add("scenarios/01_other")

    ran = command.ladder("verify", "--mutants", "--sample", "1")

    assert ran.returncode == 2, ran.stderr
    said = "The reference of scenarios/00_tiny does not pass: failed: 1. See: ladder verify s0"
    assert f"NOT JUDGED  scenarios/00_tiny\n{said}\n" in ran.stdout
    assert "scenarios/01_other: 1 of 10 mutants: " in ran.stdout
