import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ladder.course.catalog import Exercise
from tests.hostile import runner, watch
from tests.hostile.corpus import (
    ALL,
    CASES,
    EVERYTHING,
    GUARD,
    NEIGHBOURS,
    Case,
    Expected,
    all_but,
    files,
    refused,
)
from tests.hostile.traps import EXERCISE, MARKS, ROOT, Traps, plant

APPS = [case for case in CASES if case.group not in {"packs", "broken"} and "-link-" not in case.name]
FAKE_GRADER = """
import json, os, socket, subprocess, sys, tempfile, time
from pathlib import Path

fault, submissions, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[-1])
out.mkdir()
criteria = [{"number": number, "outcome": "passed", "reasons": []} for number in range(1, 22)]
none = [{"number": number, "outcome": "not run", "reasons": ["It holds a link."]} for number in range(1, 22)]
learners = [
    {"learner": "good", "status": "graded", "reason": None, "earned": 21, "criteria": criteria},
    {"learner": "linked", "status": "refused", "reason": "It holds a link.", "earned": 0, "criteria": none},
]
rows = ["learner", "good", "linked"]
exec(fault)
(out / "results.json").write_text(json.dumps({"learners": learners}))
(out / "grades.csv").write_text("\\n".join(rows))
sys.exit(1)  # since somebody was refused
"""
"""A grader that gives what it must, unless a fault is added."""
SMALL = [
    Case("good", "", files({"port.txt": "$port"}), EVERYTHING),
    Case("linked", "", files({}), refused("link")),
]


@pytest.fixture
def traps(tmp_path: Path) -> Iterator[Traps]:
    with plant(tmp_path) as traps:
        yield traps


@pytest.fixture
def run_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    monkeypatch.setattr(watch, "PLACES", {str(tmp_path)})
    monkeypatch.setattr(watch, "PATIENCE", 0.5)
    monkeypatch.setattr(watch, "MOST_LOST", 2**40)  # the tests beside this one take room, too
    monkeypatch.setattr(runner, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(runner, "MOST_MEMORY", 60 << 20)
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def run_small(fault: str = "", minutes: float = 1) -> bool:
        return runner.run_corpus(SMALL, [sys.executable, "-c", FAKE_GRADER, fault], minutes=minutes)

    return run_small


def run_app(case: Case, traps: Traps) -> str:
    case.build(traps.submissions / case.name, traps)
    main = traps.submissions / case.name / "sticky_notes/main.py"
    return subprocess.run([sys.executable, main], capture_output=True, check=True, text=True).stdout


def case_called(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def grade_of(expected: Expected, status: str = "graded", reason: str = "because") -> dict[str, object]:
    criteria = [
        {
            "number": number,
            "outcome": "passed" if number in expected.passed else "failed",
            "reasons": [reason],
        }
        for number in sorted(ALL)
    ]
    return {"status": status, "reason": None, "earned": len(expected.passed), "criteria": criteria}


def test_all_is_well_where_every_submission_gets_what_it_must(run_small, capsys):
    assert run_small()

    printed = capsys.readouterr().out
    assert "WRONG" not in printed
    assert "good graded all graded all, graded all ok" in " ".join(printed.split())


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param("criteria[2]['outcome'] = 'failed'", "should pass [3]", id="too few points"),
        pytest.param("none[4]['outcome'] = 'passed'", "passes [5], and should not", id="too many points"),
        pytest.param("learners.pop()", "no grade", id="a learner is missing"),
        pytest.param("learners[1]['status'] = 'error'", "error, and should be refused", id="another status"),
        pytest.param("rows.pop()", "grades.csv has 1 rows, and results.json 2", id="a row is missing"),
        pytest.param("sys.exit()", "no grades: FileNotFoundError", id="no report"),
        pytest.param("os.kill(os.getpid(), 9)", "it ended with status -9", id="killed"),
        pytest.param(
            "__import__('atexit').register(os._exit, 2)", "it ended with status 2", id="exit status"
        ),
        pytest.param("print(os.environ['HOSTILE_CANARY'])", "holds 'canary-", id="the canary is printed"),
        pytest.param(
            "(out / 'x').mkdir(); (out / 'x/y').write_text(os.environ['HOSTILE_CANARY'])",
            "y holds 'canary-",
            id="the canary is in a file",
        ),
        pytest.param("rows[0] += chr(27)", "grades.csv holds '\\x1b'", id="an escape is in a file"),
        pytest.param("print('::error::no')", "gives an order: '::error::no'", id="an order to CI"),
        pytest.param(
            "(out / 'summary.md').write_text('fine\\n  ##[group]no')",
            "gives an order: '  ##[group]no'",
            id="an order to CI in a file",
        ),
        pytest.param(
            "socket.create_connection(('127.0.0.1', int((submissions / 'good/port.txt').read_text())))",
            "something arrived at the host's TCP socket",
            id="a connection",
        ),
        pytest.param("hoard = b'x' * (60 << 20); time.sleep(0.5)", "it took too much memory", id="memory"),
        pytest.param("tempfile.mkdtemp(prefix='ladder-')", "was left", id="a folder stays"),
        pytest.param(
            "subprocess.Popen(['sleep', '61'], start_new_session=True)",
            "was left: sleep 61",
            id="a process stays",
        ),
    ],
)
def test_what_is_wrong_is_named(run_small, capsys, fault, message):
    assert not run_small(fault)

    printed = capsys.readouterr().out
    assert message in printed
    assert printed.endswith("Not all is as it must be.\n")


def test_a_process_that_stays_is_ended(run_small):
    before = watch.descendants(os.getpid())

    run_small("subprocess.Popen(['sleep', '62'], start_new_session=True)")

    assert watch.descendants(os.getpid()) == before


def test_a_grader_that_takes_too_long_is_ended(run_small, capsys):
    assert not run_small("time.sleep(60)", minutes=0.01)

    assert "it ended with status -15" in capsys.readouterr().out


def test_what_a_grader_prints_is_shown_without_its_escapes(run_small, capsys):
    run_small("print('one' + chr(27) + '[2Jtwo')")

    assert r"1│ one\x1b[2Jtwo" in capsys.readouterr().out


def test_a_folder_that_somebody_else_uses_is_not_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "PLACES", {str(tmp_path)})
    monkeypatch.setattr(watch, "PATIENCE", 0.5)
    monkeypatch.setattr(watch, "MOST_LOST", 2**40)  # the tests beside this one take room, too
    folder = tmp_path / "ladder-abc"
    with subprocess.Popen([sys.executable, "-c", "input()", folder], stdin=subprocess.PIPE) as somebody:
        before = watch.Machine.look()
        folder.mkdir()

        faults = before.faults_since()

        somebody.communicate(b"\n")
    assert faults == []


def test_lost_room_is_named():
    now = watch.Machine.look()
    before = replace(now, free={place: free + 2**50 for place, free in now.free.items()})

    faults = before.faults_since()

    assert {
        place for place in watch.PLACES if any(fault.startswith(f"{place} has ") for fault in faults)
    } == watch.PLACES


@pytest.mark.parametrize(
    ("expected", "grade", "fault"),
    [
        pytest.param(EVERYTHING, grade_of(EVERYTHING), None, id="as it must be"),
        pytest.param(EVERYTHING, grade_of(all_but({4}, "")), "should pass [4]", id="too few"),
        pytest.param(all_but({4}, ""), grade_of(EVERYTHING), "passes [4], and should not", id="too many"),
        pytest.param(
            EVERYTHING, grade_of(EVERYTHING, "refused"), "refused, and should be graded", id="status"
        ),
        pytest.param(all_but({4}, "cau.e"), grade_of(all_but({4}, "")), None, id="the reason is told"),
        pytest.param(
            all_but({4}, "SIGTERM"),
            grade_of(all_but({4}, "")),
            "no reason says 'SIGTERM'",
            id="another reason",
        ),
        pytest.param(
            EVERYTHING, grade_of(EVERYTHING) | {"earned": 12}, "passes 21, and earned 12", id="points"
        ),
        pytest.param(EVERYTHING, None, "no grade", id="missing"),
    ],
)
def test_a_grade_is_compared_with_what_it_must_be(expected, grade, fault):
    faults = runner.judge(Case("it", "", files({}), expected), grade)

    assert [found[: len(fault or "")] for found in faults] == [fault] * (fault is not None)


def test_the_corpus_has_one_entry_for_each_name():
    names = [case.name for case in [*CASES, *NEIGHBOURS]]

    assert len(set(names)) == len(names)


def test_the_corpus_knows_the_criteria_of_the_ticket():
    exercise = Exercise(ROOT, ROOT / EXERCISE)

    assert {criterion.number for criterion in exercise.ticket.criteria} == ALL


def test_the_marks_stand_in_the_tests_and_in_the_reference():
    sources = [*(ROOT / EXERCISE / "tests").glob("*.py"), *(ROOT / EXERCISE / "solution").rglob("*.py")]

    texts = [source.read_text(encoding="utf-8") for source in sources]

    assert [mark for mark in MARKS[:2] if not any(mark in text for text in texts)] == []


@pytest.mark.parametrize("case", APPS, ids=[case.name for case in APPS])
def test_a_hostile_app_is_python_and_holds_no_secret(case, traps):
    case.build(traps.submissions / case.name, traps)

    main = (traps.submissions / case.name / "sticky_notes/main.py").read_bytes()

    compile(main, "main.py", "exec")
    assert not set(traps.exposed(main)) & {traps.canary, *MARKS[2:3]}


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        pytest.param("reads-tests-and-reference", MARKS[0], id="tests"),
        pytest.param("reads-tests-and-reference", MARKS[1], id="reference"),
        pytest.param("reads-sibling", "canary-", id="a sibling's submission"),
    ],
)
def test_a_reader_finds_what_nothing_hides(traps, name, secret):
    NEIGHBOURS[0].build(traps.submissions / "neighbour", traps)

    printed = run_app(case_called(name), traps)

    assert secret in printed
    assert traps.arrived() == ["TCP"]


def test_what_is_sent_to_the_host_is_seen(traps):
    run_app(case_called("reads-sends-by-network"), traps)

    assert traps.arrived() == ["TCP", "UDP", "abstract"]


def test_what_could_do_harm_does_nothing_outside_of_a_sandbox(traps):
    run = subprocess.run(
        [sys.executable, "-c", traps.fill(GUARD) + "print('harm')"],
        capture_output=True,
        check=False,
        text=True,
    )

    assert (run.stdout, run.stderr) == ("", "This runs in a sandbox only.\n")
