"""Grading a class: fair points for everyone, whatever is handed in, and whatever happens to the grader."""

import csv
import json
import os
import shutil
import signal
import sys
import venv
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ladder.base.errors import LadderError
from ladder.checking.report import Failure, Outcome, Report, Result
from ladder.course.policy import Isolation, Late, Policy
from ladder.grading import lanes
from ladder.grading import plan as plans
from ladder.grading.grade import grade_class, grade_of
from ladder.grading.intake import Submission
from ladder.grading.journal import JOURNAL, Journal, choose_seed
from ladder.grading.judge import Judge
from ladder.grading.lanes import Lane
from ladder.grading.plan import Judged, Plan
from ladder.grading.results import Status
from ladder.grading.submissions import find_submissions

DUE = datetime(2031, 5, 16, 20, tzinfo=UTC)
HELLO = 'os.environ.get("GREETING", "Hello")'
NO_POLICY = Policy()
OUTPUTS = ["grades.csv", "results.json", "junit.xml", "summary.md", "index.html"]


@pytest.fixture
def folder(tmp_path):
    """Return the folder of the submissions."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder


@pytest.fixture
def hand_in(folder, course):
    """Hand in the reference under a learner's id, with one of its texts replaced."""

    def hand_in(learner, text="", replacement=""):
        shutil.copytree(
            course.folder / "solution", folder / learner, ignore=shutil.ignore_patterns("__pycache__")
        )
        main = folder / learner / "tiny/main.py"
        main.write_text(main.read_text().replace(text, replacement) if text else main.read_text())
        return main

    return hand_in


@pytest.fixture
def plan(course):
    return Plan(root=course.root, exercise=course.folder, seed=7)


@pytest.fixture
def grade(plan, folder, tmp_path):
    """Grade the class, and give the grades by the learner's id."""

    def grade(policy=NO_POLICY, plan=plan, jobs=2):
        with lanes.open_lanes(plan, jobs) as opened:
            grades = grade_class(plan, policy, folder, tmp_path / "grades", opened)
        return {learner.learner: learner for learner in grades.learners}

    return grade


@pytest.fixture
def grade_by_hand(command, folder, tmp_path):
    """Type `ladder grade`, with these further words."""

    def grade_by_hand(*words, out=tmp_path / "grades", **settings):
        return command.ladder("grade", folder, "--exercise", "s0", "--out", out, *words, **settings)

    return grade_by_hand


def read_rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_files(folder):
    """Return every result in a folder; the journal is none."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != JOURNAL]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def judged_in(journal):
    """Count how often each learner was judged."""
    return Counter(json.loads(line)["judged"]["learner"] for line in journal.read_text().splitlines())


def make_report(*outcomes, problem=None):
    results = [
        Result(
            number=number,
            sentence="…",
            test="…",
            outcome=outcome,
            failures=[] if outcome is Outcome.PASSED else [Failure(message=f"{number} is {outcome}")],
        )
        for number, outcome in enumerate(outcomes, start=1)
    ]
    return Report(exercise="e", app="a", seed=7, seconds=1, problem=problem, results=results)


def make_judged(*reports, status=Status.GRADED):
    return Judged(
        learner="ada", submission="ada", digest="d", status=status, reason=None, reports=list(reports)
    )


def submission_of(learner="ada", submitted=DUE):
    return Submission(learner, Path(learner), submitted)


def test_a_class_gets_its_points_and_each_learner_a_reason(hand_in, folder, grade_by_hand, tmp_path):
    hand_in("ada")
    hand_in("bob", HELLO, '"Moin"')
    hand_in("cyd", "app = FastAPI()", "app = FastAPI(")
    (folder / "dan.zip").write_bytes(b"no zip")

    done = grade_by_hand("--seed", 7)

    assert done.returncode == 1, done.stderr
    assert "3 graded, 1 refused, 0 error · --seed 7 replays the values" in done.stdout
    rows = read_rows(tmp_path / "grades/grades.csv")
    assert [(row["learner"], row["status"], row["1"], row["2"], row["total"]) for row in rows] == [
        ("ada", "graded", "1", "1", "2"),
        ("bob", "graded", "0", "1", "1"),
        ("cyd", "graded", "0", "0", "0"),
        ("dan", "refused", "0", "0", "0"),
    ]
    assert "'(' was never closed" in rows[2]["reason"]
    assert "zip" in rows[3]["reason"]
    assert all((tmp_path / "grades" / name).stat().st_size > 0 for name in OUTPUTS)
    page = (tmp_path / "grades/learners/bob/index.html").read_text()
    assert "Moin" in page
    assert {path.name for path in (tmp_path / "grades/learners/bob").iterdir()} == {
        "index.html",
        "gradescope.json",
    }


def test_a_submission_that_ends_in_the_middle_fails_and_is_no_fault_of_the_grader(hand_in, grade):
    hand_in("ada", "    return said[-1]", "    os._exit(0)")

    ada = grade()["ada"]

    assert ada.status is Status.GRADED
    assert [criterion.outcome for criterion in ada.criteria] == [Outcome.FAILED, Outcome.FAILED]
    assert "exited with status 0" in ada.criteria[0].reasons[0]


def test_a_submission_gets_only_so_much_time(hand_in, grade, course):
    hand_in("ada", "    return said[-1]", "    import time\n    time.sleep(5)\n    return said[-1]")
    hurried = Plan(root=course.root, exercise=course.folder, seed=7, seconds=4)

    ada = grade(plan=hurried)["ada"]

    assert [criterion.outcome for criterion in ada.criteria] == [Outcome.PASSED, Outcome.TIMED_OUT]
    assert "4 seconds for all criteria were used up" in ada.criteria[1].reasons[0]


def test_a_run_that_was_killed_is_resumed_to_the_same_bytes(
    hand_in, folder, grade_by_hand, command, tmp_path, eventually
):
    for number in range(4):
        hand_in(f"learner{number}", HELLO, f'"Moin {number}"')
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    grade_by_hand("--seed", 7, out=undisturbed)
    words = [
        "-m",
        "ladder",
        "grade",
        folder,
        "--exercise",
        "s0",
        "--out",
        killed,
        "--seed",
        "7",
        "--jobs",
        "1",
    ]
    process = command.start(*words, output=tmp_path / "said")
    journal = killed / JOURNAL
    eventually(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 2, "two were judged")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with journal.open("ab") as file:
        file.write(b'{"key": "half a li')

    resumed = grade_by_hand("--resume", out=killed)

    assert resumed.returncode == 0, resumed.stderr
    assert read_files(killed) == read_files(undisturbed)
    assert journal.read_bytes().count(b"\n") == 4


def test_an_interrupted_run_says_how_to_go_on(hand_in, folder, command, tmp_path, eventually):
    for number in range(8):
        hand_in(f"learner{number}", HELLO, f'"Moin {number}"')
    out = tmp_path / "grades"
    words = ["-m", "ladder", "grade", folder, "--exercise", "s0", "--out", out, "--jobs", "1"]
    process = command.start(*words, output=tmp_path / "said")
    journal = out / JOURNAL
    eventually(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 1, "one was judged")

    os.killpg(process.pid, signal.SIGINT)

    assert process.wait() == 130
    assert "run the same command with --resume" in (tmp_path / "said").read_text()
    assert not (out / "grades.csv").exists()


def test_what_has_not_changed_is_not_judged_again(hand_in, grade, tmp_path):
    hand_in("ada")
    main = hand_in("bob")
    grade()
    journal = tmp_path / "grades" / JOURNAL
    before = judged_in(journal)
    main.write_text(main.read_text().replace(HELLO, '"Moin"'))

    grades = grade()

    assert judged_in(journal) - before == {"bob": 1}
    assert [grades[learner].earned for learner in ("ada", "bob")] == [2, 1]


@pytest.mark.parametrize("name", ["submissions", "submissions/grades", "file", "file/grades"])
def test_a_place_where_results_cannot_go_is_refused(hand_in, grade_by_hand, tmp_path, name):
    hand_in("ada")
    (tmp_path / "file").write_text("mine")

    done = grade_by_hand(out=tmp_path / name)

    assert done.returncode == 2
    assert done.stderr.startswith("ladder: ")
    assert "Pass another " in done.stderr
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in (tmp_path / "submissions").iterdir()] == ["ada"]


def test_one_submission_is_not_taken_for_a_class(hand_in, plan, tmp_path):
    hand_in("ada")

    with pytest.raises(LadderError, match=r"is one submission: it holds tiny/main\.py"):
        grade_class(plan, NO_POLICY, tmp_path / "submissions/ada", tmp_path / "grades", [])


@pytest.mark.parametrize(
    "what", ["another seed", "another test", "other data of a test", "another toolkit", "repeated"]
)
def test_what_was_judged_otherwise_is_judged_again(hand_in, grade, plan, course, tmp_path, monkeypatch, what):
    toolkit = shutil.copytree(plans.TOOLKIT, tmp_path / "shared")
    monkeypatch.setattr(plans, "TOOLKIT", toolkit)
    data = course.folder / "tests/words.json"
    data.write_text("[]")
    hand_in("ada")
    grade()
    changed = {
        "another seed": Plan(root=course.root, exercise=course.folder, seed=8),
        "repeated": Plan(root=course.root, exercise=course.folder, seed=7, repeat=2),
    }
    edited = {
        "another test": course.folder / "tests/test_tiny.py",
        "other data of a test": data,
        "another toolkit": toolkit / "text.py",
    }
    if what in edited:
        edited[what].write_text(edited[what].read_text() + "\n")

    grade(plan=changed.get(what, plan))

    assert len((tmp_path / "grades" / JOURNAL).read_text().splitlines()) == 2


def test_another_package_makes_another_plan(course, tmp_path):
    venv.create(tmp_path / "venv")
    packages = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    plan = Plan(root=course.root, exercise=course.folder, seed=7, python=tmp_path / "venv/bin/python")
    before = [plan.key(), plan.key()]

    (packages / "fastapi-9.dist-info").mkdir()

    assert before[0] == before[1] != plan.key()


def test_equal_submissions_of_two_learners_are_shown_with_their_own_names(hand_in, grade, tmp_path):
    hand_in("ada", HELLO, '"Moin"')
    grade()
    hand_in("bob", HELLO, '"Moin"')

    grades = grade()

    assert grades["bob"].submission == "bob"
    assert grades["bob"].earned == grades["ada"].earned == 1
    assert "ada" not in (tmp_path / "grades/learners/bob/index.html").read_text()


def die(*_):
    """Be a lane that ends over its first submission."""
    os._exit(3)


def test_a_lane_that_breaks_is_an_error_and_no_grade(plan, monkeypatch):
    monkeypatch.setattr(lanes, "begin", die)
    lane = Lane(plan, 0)

    judged = lane.judge(submission_of())

    assert judged.status is Status.ERROR
    assert "The grader's own process ended" in judged.reason
    lane.end()


def test_a_lane_that_has_grown_is_followed_by_another(plan, hand_in, folder, monkeypatch):
    hand_in("ada")
    [submission], _ = find_submissions(folder)
    lane = Lane(plan, 0)
    lane.tell(frozenset())

    def judge_once():
        assert lane.judge(submission).status is Status.GRADED
        return lane.process

    with ExitStack() as stack:
        stack.callback(lane.end)
        first = judge_once()
        assert judge_once() is first

        monkeypatch.setattr(lanes, "MOST_BYTES", 0)
        assert judge_once() is None
        assert not first.is_alive()
        assert judge_once() is None


def test_an_error_of_a_test_is_an_error_of_the_grader(hand_in, grade, course):
    hand_in("ada")
    course.edit(
        "tests/test_tiny.py", 'fresh_client.get("/greeting")', "fresh_client.get('/greeting', nonsense=1)"
    )
    (course.folder / "tests/conftest.py").write_text(
        "import pytest\nfrom ladder.base.errors import LadderError\n\n\n"
        "@pytest.fixture(autouse=True)\ndef broken():\n    raise LadderError('no more memory')\n"
    )

    ada = grade()["ada"]

    assert (ada.status, ada.total) == (Status.ERROR, None)
    assert ada.reason == "no more memory"


@pytest.mark.parametrize(
    ("runs", "outcome", "points", "flaky"),
    [
        pytest.param([[Outcome.PASSED]], Outcome.PASSED, 2.5, False, id="passed"),
        pytest.param([[Outcome.PASSED], [Outcome.PASSED]], Outcome.PASSED, 2.5, False, id="passed twice"),
        pytest.param([[Outcome.PASSED], [Outcome.FAILED]], Outcome.FAILED, 0, True, id="failed once"),
        pytest.param(
            [[Outcome.TIMED_OUT], [Outcome.FAILED]], Outcome.FAILED, 0, True, id="failed or too late"
        ),
        pytest.param([[Outcome.SKIPPED]], Outcome.SKIPPED, 0, False, id="skipped"),
        pytest.param([[Outcome.LEFT_OUT]], Outcome.LEFT_OUT, 0, False, id="left out"),
        pytest.param([[]], Outcome.NOT_RUN, 0, False, id="not spoken of"),
        pytest.param([], Outcome.NOT_RUN, 0, False, id="no run"),
        pytest.param([[Outcome.PASSED], []], Outcome.NOT_RUN, 0, True, id="not spoken of once"),
    ],
)
def test_points_are_given_only_for_what_passed_every_time(course, runs, outcome, points, flaky):
    judged = make_judged(*(make_report(*run) for run in runs))

    grade = grade_of(course.exercise, Policy(points={1: 2.5}), submission_of(), judged)

    first = grade.criteria[0]
    assert (first.outcome, first.points, first.flaky) == (outcome, points, flaky)
    assert len(grade.criteria) == 2
    assert grade.possible == 3.5


@pytest.mark.parametrize(
    ("delay", "days", "percent"),
    [
        pytest.param(timedelta(0), 0, 0, id="in time"),
        pytest.param(timedelta(hours=2), 0, 0, id="within the grace"),
        pytest.param(timedelta(hours=2, seconds=1), 1, 10, id="a second after it"),
        pytest.param(timedelta(hours=26), 1, 10, id="a day"),
        pytest.param(timedelta(hours=26, seconds=1), 2, 20, id="a day and a second"),
        pytest.param(timedelta(days=10), 10, 30, id="very late"),
    ],
)
def test_late_days_cost_what_the_policy_says(course, delay, days, percent):
    policy = Policy(deadline=DUE, late=Late(grace_hours=2, percent_per_day=10, percent_at_most=30))
    judged = make_judged(make_report(Outcome.PASSED, Outcome.PASSED))

    grade = grade_of(course.exercise, policy, submission_of(submitted=DUE + delay), judged)

    assert (grade.late_days, grade.late_percent) == (days, percent)
    assert grade.total == pytest.approx(2 - 2 * percent / 100)


def test_the_time_in_the_options_counts_for_more_than_that_of_the_file(course):
    policy = Policy(deadline=DUE, submitted={"ada": DUE - timedelta(days=1)})

    grade = grade_of(course.exercise, policy, submission_of(submitted=DUE + timedelta(days=3)), make_judged())

    assert grade.late_days == 0
    assert grade.submitted == DUE - timedelta(days=1)


def test_options_give_points_and_what_is_late(hand_in, grade_by_hand, tmp_path):
    hand_in("ada")
    options = tmp_path / "options.toml"
    options.write_text(
        "deadline = 2031-05-16T20:00:00Z\n[points]\n2 = 9\n[late]\npercent_per_day = 50\n"
        "[submitted]\nada = 2031-05-17T10:00:00Z\n"
    )

    grade_by_hand("--options", options)

    row = read_rows(tmp_path / "grades/grades.csv")[0]
    assert [row[name] for name in ("1", "2", "earned", "possible", "late_days", "late_cost", "total")] == [
        *("1", "9", "10", "10", "1", "5", "5")
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--resume"], "has no run to continue", id="nothing to resume"),
        pytest.param(["--options", "nowhere.toml"], "nowhere.toml cannot be read", id="no options"),
        pytest.param(["--exercise", "s9"], "There is no exercise called 's9'", id="no exercise"),
        pytest.param(["--out", "/proc/grades"], "Results cannot be written in /proc/grades: ", id="no place"),
    ],
)
def test_what_cannot_be_graded_is_told_in_a_sentence(hand_in, grade_by_hand, words, said):
    hand_in("ada")

    done = grade_by_hand(*words)

    assert done.returncode == 2
    assert said in done.stderr


def test_points_for_a_criterion_that_there_is_not_are_refused(hand_in, grade):
    hand_in("ada")

    with pytest.raises(LadderError, match="criteria that scenarios/00_tiny does not have: \\[3\\]"):
        grade(Policy(points={3: 1}))


def test_without_a_tool_of_the_exercises_nothing_is_graded(hand_in, grade, course, monkeypatch, tmp_path):
    course.edit("exercise.toml", "services = []\n", 'services = []\ntools = ["promtool"]\n')
    hand_in("ada")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LadderError, match="need the program promtool, and it is not on the PATH"):
        grade()


@pytest.mark.parametrize("place", ["/usr/share/class", f"{sys.prefix}/class"])
def test_what_all_submissions_could_read_is_no_place_for_a_class(plan, place, tmp_path):
    with pytest.raises(LadderError, match="could read each other"):
        grade_class(plan, NO_POLICY, Path(place), tmp_path, [])


def test_where_there_is_no_sandbox_nothing_is_graded(hand_in, grade_by_hand, tmp_path):
    hand_in("ada")

    done = grade_by_hand(PATH=str(tmp_path))

    assert done.returncode == 2
    assert "bubblewrap" in done.stderr
    assert "--isolation process" in done.stderr
    assert not (tmp_path / "grades/grades.csv").exists()


def test_grading_without_protection_is_said_loudly_everywhere(hand_in, grade_by_hand, tmp_path):
    hand_in("ada")

    done = grade_by_hand("--isolation", "process", PATH=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "WITHOUT PROTECTION" in done.stdout
    assert "without protection" in (tmp_path / "grades/index.html").read_text().lower()
    assert json.loads((tmp_path / "grades/results.json").read_text())["isolation"] == "process"
    assert read_rows(tmp_path / "grades/grades.csv")[0]["total"] == "2"


def test_the_summary_goes_where_github_wants_it(hand_in, grade_by_hand, tmp_path):
    hand_in("ada")
    (tmp_path / "step").write_text("Before\n")

    grade_by_hand(GITHUB_STEP_SUMMARY=str(tmp_path / "step"))

    assert (tmp_path / "step").read_text() == "Before\n" + (tmp_path / "grades/summary.md").read_text()


def test_an_instructors_own_database_is_no_submissions_business(plan, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://admin@production/grades")

    judge = Judge(plan)

    assert "DATABASE_URL" not in os.environ
    judge.close()


def test_a_submission_whose_sandbox_ends_is_judged_again_in_another(plan, hand_in, folder):
    hand_in("ada")
    [submission], _ = find_submissions(folder)
    with closing(Judge(plan)) as judge:

        def end_the_sandbox(app, place, seconds):
            judge.check_app = judge.check_alone
            ended.append(judge.sandbox)
            os.kill(judge.sandbox.process.pid, signal.SIGKILL)
            return judge.check_alone(app, place, seconds)

        ended, judge.check_app = [], end_the_sandbox

        judged = judge.judge(submission)

        assert judge.sandbox not in ended
    assert judged.status is Status.GRADED
    assert [result.outcome for result in judged.reports[0].results] == [Outcome.PASSED] * 2


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "CREATE TABLE flood AS SELECT repeat('x', 1900) FROM generate_series(1, 2000000)", id="its files"
        ),
        pytest.param("SELECT repeat(repeat('x', 1000000), 900) FROM pg_sleep(60)", id="its memory"),
    ],
)
def test_a_submission_that_floods_its_database_server_is_ended(hand_in, grade, course, statement):
    course.edit("exercise.toml", "services = []", 'services = ["postgresql"]')
    flood = f'__import__("psycopg").connect(os.environ["DATABASE_URL"]).execute("{statement}")'
    hand_in("ada", "    return said[-1]", f"    {flood}\n    return said[-1]")
    hand_in("bob")

    grades = grade()

    assert [criterion.outcome for criterion in grades["ada"].criteria] == [Outcome.FAILED, Outcome.NOT_RUN]
    assert "took more than 512 MiB of its database server" in grades["ada"].criteria[0].reasons[0]
    assert grades["bob"].earned == 2


def test_a_journal_keeps_verdicts_and_passes_over_what_is_none(plan, tmp_path):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, plan)
    place = journal.add(make_judged(make_report(Outcome.PASSED)))
    journal.add(make_judged(status=Status.ERROR).model_copy(update={"digest": "e"}))
    whole = path.read_bytes()
    damage = b'nonsense\n[]\n{"seed": Infinity}\n' + b"[" * 100_000 + b"\n"
    path.write_bytes(whole + damage + b'{"key": ')

    again = Journal(path, plan)

    assert again.known == {"d": place}
    assert again.read(place).reports[0].results[0].outcome is Outcome.PASSED
    assert path.read_bytes() == whole + damage
    assert choose_seed(path) == 7


def test_process_isolation_runs_with_the_interpreter_that_was_named(course):
    plan = Plan(root=course.root, exercise=course.folder, seed=1, isolation=Isolation.PROCESS)

    assert plan.python == Path(sys.executable)


@pytest.mark.parametrize("isolation", Isolation)
def test_nobody_is_judged_where_not_even_the_reference_starts(
    grade_by_hand, hand_in, course, tmp_path, isolation
):
    hand_in("ada")
    course.edit("solution/tiny/main.py", "import os\n", "import os\nimport of_nobody\n")

    run = grade_by_hand("--isolation", isolation)

    assert run.returncode == 2
    assert (
        "ladder: Nobody was judged, since not even the reference of scenarios/00_tiny starts here."
        in run.stderr
    )
    assert "No module named 'of_nobody'" in run.stderr
    assert f"See that {sys.executable} has this project and fastapi" in run.stderr
    assert 'Traceback (most recent call last):\n  File "tiny/main.py"' in run.stderr
    assert "lanes.py" not in run.stderr
    assert not (tmp_path / "grades/grades.csv").exists()


def test_the_reference_is_gone_before_the_first_submission_comes(grade, hand_in):
    hand_in(
        "ada",
        "app = FastAPI()",
        "from pathlib import Path\n\nfound = {str(path) for path in Path('/submission').rglob('*.py')}\n"
        "ours = {f'/submission/tiny/{name}.py' for name in ('__init__', 'main')}\n"
        "if found != ours:\n    raise SystemExit(str(found))\n\napp = FastAPI()",
    )

    ada = grade()["ada"]

    assert (ada.total, ada.reason) == (2, None)
