"""The command `ladder`, as people type it."""

import importlib.metadata
import io
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner

from ladder.commands import doctor, watch
from ladder.commands.cli import cli, main
from ladder.commands.coursemap import next_exercise, show_map

COMMANDS = [
    "start",
    "check",
    "watch",
    "hint",
    "run",
    "compare",
    "reset",
    "undo",
    "doctor",
    "new",
    "verify",
    "witness",
]
MISTAKES = """\
[[mistake]]
name = "another-word"
why = "It is friendlier."
file = "main.py"
text = '"Hello"'
replacement = '"Hi"'
caught_by = [2]

[[mistake]]
name = "always-the-first"
why = "The wrong end of the list."
file = "main.py"
text = "return said[-3]"
replacement = "return said[0]"
caught_by = [2]
"""
STREAM = """\
import asyncio

from fastapi import FastAPI


async def stream():
    print("streaming", flush=True)
    await asyncio.sleep(1000)


"""
SECOND = "2. A new greeting replaces the old one."
ONE = "  1. Ask again after you have changed it."
TWO = "  2. What a request leaves behind must outlive its function."
THREE = "  3. `list.append` keeps it."
MORE = "More: ladder hint s0"
LADDER = f"os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'ladder'])"


@pytest.fixture
def ladder(command):
    """Run `ladder` on the course."""
    return command.ladder


@pytest.fixture
def ladder_here(course, monkeypatch, capsys):
    """Run `ladder` on the course within this process, which takes a tenth of the time."""

    def ladder_here(*arguments):
        monkeypatch.setattr(sys, "argv", ["ladder", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return subprocess.CompletedProcess(sys.argv, ended.value.code, *capsys.readouterr())

    monkeypatch.chdir(course.root)
    monkeypatch.setenv("LADDER_COURSE", str(course.root))
    monkeypatch.setenv("COLUMNS", "200")
    return ladder_here


@pytest.fixture
def started(course):
    """Return a course in which the exercise was started."""
    course.workspace.start(course.exercise)
    return course


@pytest.fixture
def solved(started):
    """Return a course in which the exercise was started and solved, but not checked."""
    started.solve()
    return started


@pytest.fixture
def port():
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def begin(command, tmp_path):
    """Begin a `ladder` command that goes on until it is ended; give its process and its output until now."""
    processes = []

    def begin(*arguments):
        output = tmp_path / "output"
        process = command.start("-m", "ladder", *arguments, output=output)
        processes.append(process)
        return process, output.read_text

    yield begin
    [os.killpg(process.pid, signal.SIGKILL) for process in processes if process.poll() is None]
    [process.wait() for process in processes]


def collect_changes(folder, *, poll, count=2):
    """Watch a folder until some changes were told; give the list that a thread fills meanwhile."""
    noticed = []

    def collect():
        for change in islice(watch.changes(folder, poll=poll), count):
            noticed.append(change)

    threading.Thread(target=collect, daemon=True).start()
    return noticed


def rows(text):
    """Return the words of each line."""
    return [line.split() for line in text.splitlines()]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    run = CliRunner().invoke(cli, [name, "--help"], prog_name="ladder")

    assert run.exit_code == 0
    assert f"Usage: ladder {name} [OPTIONS]" in run.output
    assert run.output.count("\n") > 5


def test_the_help_names_every_command_and_the_names_of_exercises(ladder):
    run = ladder("--help")

    assert (run.returncode, run.stderr) == (0, "")
    assert {words[0] for words in rows(run.stdout) if words} >= set(COMMANDS)
    assert "scenarios/00, s0, sticky_notes" in " ".join(run.stdout.split())


def test_the_map_shows_what_is_next_before_anything_was_started(ladder, course):
    course.add("exercises/01_lead_api")

    run = ladder()

    assert (run.returncode, run.stderr) == (0, "")
    assert [" ".join(words) for words in rows(run.stdout) if words] == [
        *("Scenarios 0 of 1", "next s0 Tiny, 5 min", "Exercises 0 of 1", "0 of 2 done."),
        *("Next: ladder start s0 Tiny: greeting people", "Its ticket: scenarios/00_tiny/README.md"),
    ]
    assert "\x1b" not in run.stdout


def test_the_map_shows_what_was_started_and_done(ladder_here, started):
    started.add("scenarios/01_larger")
    started.add("scenarios/02_largest")
    started.add("exercises/01_lead_api")
    started.workspace.start(started.catalog.find("s1"))
    started.workspace.start(started.catalog.find("e1"))
    started.workspace.progress.note_pass(started.exercise)

    run = ladder_here()

    assert [" ".join(words) for words in rows(run.stdout) if words] == [
        *("Scenarios 1 of 3", "done s0", "next s1 Tiny, 5 min", "s2 Tiny, 5 min"),
        *("Exercises 0 of 1 started: e1", "1 of 4 done."),
        *("Next: ladder check s1 Tiny: greeting people", "Its ticket: scenarios/01_larger/README.md"),
    ]


def test_the_map_shows_a_pass_of_tests_that_have_changed_since(ladder_here, started):
    started.add("scenarios/01_larger")
    started.workspace.progress.note_pass(started.exercise)
    tests = next(started.exercise.tests.glob("test_*.py"))
    tests.write_text(tests.read_text() + "# changed\n")

    run = ladder_here()

    assert "  recheck  s0     Tiny, 5 min" in run.stdout.splitlines()


def test_the_map_of_a_finished_course_names_nothing_next(ladder_here, started):
    started.workspace.progress.note_pass(started.exercise)

    run = ladder_here()

    assert run.stdout.endswith("\n1 of 1 done.\n")


def test_the_map_shows_every_exercise_if_it_is_asked_to(ladder, course):
    course.add("exercises/01_lead_api")

    run = ladder("--all")

    assert [words[0] for words in rows(run.stdout) if words[-1:] == ["min"]] == ["next", "e1"]


def test_an_exercise_that_is_not_in_order_is_a_row_of_the_map(ladder, course):
    course.write("exercises/01_lead_api/exercise.toml", "minutes = 1\n")

    run = ladder()

    assert (run.returncode, run.stderr) == (0, "")
    assert f"  fault    {course.root}/exercises/01_lead_api/exercise.toml: title: " in run.stdout
    assert "Next: ladder start s0" in run.stdout


def test_what_an_exercise_needs_comes_before_it(course):
    larger = course.add("scenarios/01_larger")
    course.add("curriculum/01_basics/01_crud_api")
    manifest = (larger / "exercise.toml").read_text()
    (larger / "exercise.toml").write_text(
        manifest.replace("needs = []", 'needs = ["curriculum/01_basics/01_crud_api"]')
    )
    course.workspace.progress.note_pass(course.exercise)

    following = next_exercise(course.catalog, course.workspace)

    assert following is not None
    assert following.path == "curriculum/01_basics/01_crud_api"


@pytest.mark.parametrize("done", [0, 20, 42])
def test_the_map_of_42_exercises_fits_24_lines_of_80_columns(course, done):
    sizes = {"scenarios": 3, "exercises": 5, "curriculum/01_api_basics": 8, "curriculum/02_databases": 6}
    sizes |= {"curriculum/03_security": 6, "curriculum/04_jobs": 4, "curriculum/05_logging": 4}
    sizes |= {"curriculum/06_deployment": 4, "curriculum/07_project": 1}
    for section, size in sizes.items():
        for number in range(1, size + 1):
            course.add(f"{section}/{number:02}_app_{number}")
    for exercise in course.catalog.exercises[:done]:
        course.workspace.progress.note_pass(exercise)
    file = io.StringIO()

    show_map(Console(file=file, width=80), course.catalog, course.workspace)

    lines = file.getvalue().splitlines()
    assert f"{done} of 42 done." in lines
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_a_start_says_where_to_go_on(ladder_here, course):
    run = ladder_here("start", "scenarios/00")

    assert (run.returncode, run.stderr) == (0, "")
    assert course.learners.read_text() == (course.folder / "starter/tiny/main.py").read_text()
    assert f"{course.folder}/README.md" in run.stdout
    assert str(course.learners) in run.stdout
    assert "ladder check s0" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["start", "s"], "'s' fits scenarios/00_tiny, scenarios/01_larger.", id="two exercises"),
        pytest.param(
            ["start", "tiny"], "exists already, and your work in it stays as it is.", id="started before"
        ),
        pytest.param(["start", "s1"], "scenarios/01_larger has no starter.", id="no starter"),
        pytest.param(["check", "s1"], "You have not started scenarios/01_larger.", id="not started"),
        pytest.param(["check", "s0", "--app", "x", "--url", "y"], "Pass either --app (a folder)", id="both"),
        pytest.param(
            ["check", "s0", "--python", "/no/python"], "that can be run at /no/python", id="no interpreter"
        ),
        pytest.param(
            ["check", "s0", "--json", "README.md/x"], "cannot be written", id="no place for the report"
        ),
        pytest.param(
            ["watch", "s0", "--app", "scenarios"], "holds no tiny/main.py", id="no package to watch"
        ),
        pytest.param(["run", "s0", "--app", "nowhere"], "There is no folder ", id="no folder to run"),
        pytest.param(
            ["hint", "s1"], "You have not started scenarios/01_larger.", id="no hint without a start"
        ),
        pytest.param(["undo", "s0"], "Nothing of scenarios/00_tiny was put aside", id="nothing to undo"),
        pytest.param(["reset", "s1"], "You have not started scenarios/01_larger.", id="nothing to reset"),
        pytest.param(["verify", "s9"], "There is no exercise called 's9'.", id="nothing to verify"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_two(ladder_here, started, arguments, said):
    started.write("README.md", "A file.")
    (started.add("scenarios/01_larger") / "starter").rename(started.root / "elsewhere")

    run = ladder_here(*arguments)

    assert run.returncode == 2
    assert said in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.usefixtures("started")
def test_what_cannot_be_done_is_told_on_the_standard_error(ladder):
    run = ladder("compare", "s0")

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("ladder: Your code has not passed yet. ")
    assert len(run.stderr.splitlines()) == 1


def test_an_exercise_that_is_not_in_order_is_one_sentence_and_status_two(ladder_here, course):
    course.edit("exercise.toml", "minutes", "minuets")

    run = ladder_here("check", "tiny")

    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith(f"ladder: {course.folder}/exercise.toml: minutes: ")
    assert len(run.stderr.splitlines()) == 1


def test_a_folder_that_is_no_course_is_told(ladder_here, tmp_path):
    run = ladder_here("--course", tmp_path / "nowhere")

    assert run.returncode == 2
    assert f"{tmp_path}/nowhere" in run.stderr


@pytest.mark.usefixtures("started")
def test_a_check_of_a_starter_fails_with_the_first_criterion_as_a_whole(ladder):
    run = ladder("check", "s0")

    assert (run.returncode, run.stderr) == (1, "")
    assert rows(run.stdout)[0][:3] == ["to", "do", "1."]
    assert "1 more to do: 2" in run.stdout
    assert "curl -i -g http://127.0.0.1:8000/greeting" in run.stdout
    assert "0 of 2 criteria pass" in run.stdout
    assert "\x1b" not in run.stdout


def test_a_pass_is_noted_and_leads_to_the_next_exercise(ladder, solved):
    solved.add("scenarios/01_larger")

    run = ladder("check", "s0")

    assert (run.returncode, run.stderr) == (0, "")
    assert "2 of 2 criteria pass" in run.stdout
    assert "Next: ladder start s1" in run.stdout
    assert solved.workspace.progress.has_passed(solved.exercise)


def test_another_folder_is_judged_without_a_word_about_progress(ladder_here, course, tmp_path):
    reports = tmp_path / "reports"

    run = ladder_here(
        *("check", "s0", "--app", "scenarios/00_tiny/solution", "--seed", "42"),
        *("--json", reports / "a/report.json", "--junit", reports / "b/report.xml"),
    )

    value = json.loads((reports / "a/report.json").read_text())
    assert run.returncode == 0
    assert "--seed 42" in run.stdout
    assert "Next:" not in run.stdout
    assert not course.workspace.folder.exists()
    assert (value["verdict"], value["seed"], value["app"]) == ("passed", 42, str(course.folder / "solution"))
    assert (
        '<testsuites name="scenarios/00_tiny" tests="2" failures="0" '
        in (reports / "b/report.xml").read_text()
    )


def test_a_report_on_the_standard_output_stands_there_alone(ladder_here, course):
    course.edit("solution/tiny/main.py", '"Hello"', '"\\x1b[31mHowdy"')

    run = ladder_here("check", "s0", "--app", course.folder / "solution", "--json", "-")

    assert run.returncode == 1
    assert json.loads(run.stdout)["verdict"] == "failed"


def test_an_escape_in_an_answer_is_shown_as_text(ladder_here, course):
    course.edit("solution/tiny/main.py", '"Hello"', '"\\x1b]0;title\\x07 [bold]"')
    course.edit(
        "solution/tiny/main.py", "    return said[-1]", '    print("\\x1b[31mred")\n    return said[-1]'
    )

    run = ladder_here("check", "s0", "--app", course.folder / "solution")

    assert run.returncode == 1
    assert r"\u001b]0;title\u0007 [bold]" in run.stdout
    assert r"\x1b[31mred" in run.stdout
    assert not {"\x1b", "\x07"} & set(run.stdout)


def test_an_app_that_does_not_start_is_told_once_with_its_own_frames(ladder_here, started):
    started.learners.write_text("from .inner import app\n")
    started.learners.with_name("inner.py").write_text(
        "import fastapi\n\napp = fastapi.APIRouter(prefix='x')\n"
    )

    run = ladder_here("check", "s0")

    assert run.returncode == 2
    assert run.stdout.startswith(f"Nothing could be judged.\n{started.learners} does not start. ")
    assert run.stdout.count("AssertionError") == 1
    assert [line.strip() for line in run.stdout.splitlines() if "File " in line] == [
        'File "tiny/main.py", line 1, in <module>',
        'File "tiny/inner.py", line 3, in <module>',
    ]


def test_a_running_server_is_judged_and_what_was_left_out_is_told(ladder_here, running):
    run = ladder_here("check", "s0", "--url", running)

    assert run.returncode == 0
    assert run.stdout.splitlines()[:2] == ["1 pass: 2", "1 left out: 1"]
    assert "1 of 1 criteria pass" in run.stdout
    assert "1 left out: they need a server of their own" in run.stdout


def test_hints_come_one_step_at_a_time_for_the_first_criterion_that_fails(ladder, ladder_here, solved, edit):
    edit(solved.learners, "said.append(new)", "pass")

    solved.workspace.progress.note_hint(solved.exercise, 2, 1)

    runs = [ladder("hint", "s0"), *(ladder_here("hint", "s0") for _ in range(2))]

    assert [run.returncode for run in runs] == [0, 0, 0]
    assert [[line.rstrip() for line in run.stdout.splitlines()] for run in runs] == [
        [SECOND, ONE, TWO, MORE],
        [SECOND, ONE, TWO, THREE],
        [SECOND, ONE, TWO, THREE],
    ]


def test_a_long_hint_keeps_its_indentation(ladder, solved, edit):
    edit(solved.learners, "said.append(new)", "pass")

    run = ladder("hint", "s0", COLUMNS="30")

    assert "  1. Ask again after you have \n     changed it. " in run.stdout


def test_the_answers_to_the_briefs_questions_are_shown_after_a_pass(ladder_here, solved):
    solved.write(
        "scenarios/00_tiny/discussion.md", "# Discussion\n\n## S0.1 How would you greet?\n\nPolitely.\n"
    )
    solved.workspace.progress.note_pass(solved.exercise)

    run = ladder_here("compare", "s0")

    assert run.returncode == 0
    assert "S0.1 How would you greet?" in run.stdout
    assert run.stdout.rstrip().endswith("Politely.")


@pytest.mark.usefixtures("solved")
def test_where_all_criteria_pass_there_is_nothing_to_hint_at(ladder_here):
    run = ladder_here("hint", "s0")

    assert run.returncode == 0
    assert (
        run.stdout
        == "All criteria pass, so there is no hint to give. See the reference with: ladder compare s0\n"
    )


def test_code_that_has_passed_is_compared_with_the_reference(ladder_here, solved, edit):
    edit(solved.learners, "return said[-1]", "return said[len(said) - 1]")
    solved.write("scenarios/00_tiny/solution/tiny/more.py", "more = [1]\n")
    solved.write("scenarios/00_tiny/solution/tiny/.gitignore", ".env\n")
    solved.learners.with_name("mine.py").write_text("")
    solved.workspace.progress.note_pass(solved.exercise)

    run = ladder_here("compare", "s0")

    assert run.returncode == 0
    assert run.stdout.startswith("main.py ")
    assert "\n.env\n" in run.stdout.partition(".gitignore (only the reference has it) ")[2]
    assert "-    return said[len(said) - 1]\n+    return said[-1]\n" in run.stdout
    assert "\nmore = [1]\n" in run.stdout.partition("more.py (only the reference has it) ")[2]
    assert run.stdout.endswith("The same in both: __init__.py\nOnly you have: mine.py\n")


def test_who_gives_up_sees_the_reference_and_that_is_noted(ladder_here, started):
    run = ladder_here("compare", "s0", "--give-up")

    assert run.returncode == 0
    assert "+    return said[-1]" in run.stdout
    assert started.workspace.progress.has_given_up(started.exercise)
    assert not started.workspace.progress.has_passed(started.exercise)


def test_a_reset_and_an_undo_say_where_the_code_is(ladder_here, started):
    started.learners.write_text("mine")

    reset = ladder_here("reset", "s0")
    after_reset = started.learners.read_text()
    undo = ladder_here("undo", "s0")

    assert (reset.returncode, undo.returncode) == (0, 0)
    assert after_reset == (started.folder / "starter/tiny/main.py").read_text()
    assert f"{started.workspace.folder}/.put-aside/scenarios/00_tiny/" in reset.stdout
    assert "ladder undo s0" in reset.stdout
    assert started.learners.read_text() == "mine"


@pytest.mark.usefixtures("started")
def test_a_port_that_is_taken_is_one_sentence(ladder):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        run = ladder("run", "s0", "--port", port)

    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith(f"ladder: Port {port} is not available (Address already in use). Stop ")
    assert len(run.stderr.splitlines()) == 1


def test_an_app_runs_reloads_and_ends_with_ctrl_c(
    begin, solved, port, temporary, processes_of, eventually, edit
):
    def answer():
        try:
            return httpx.get(f"http://127.0.0.1:{port}/greeting", trust_env=False).json()
        except httpx.TransportError:
            return None

    edit(solved.learners, "from fastapi import FastAPI\n", STREAM)
    edit(solved.learners, "app = FastAPI()\n", "app = FastAPI()\napp.get('/stream')(stream)\n")
    process, output = begin("run", "s0", "--port", port)
    first = eventually(answer, "the app answers")
    shown = output()
    docs = httpx.get(f"http://127.0.0.1:{port}/docs", trust_env=False)
    edit(solved.learners, '"Hello"', '"Howdy"')
    eventually(lambda: answer() == {"text": "Howdy"}, "the app was reloaded")
    with socket.create_connection(("127.0.0.1", port)) as browser:
        browser.sendall(f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        eventually(lambda: "streaming" in output(), "a request is under way")

        os.killpg(process.pid, signal.SIGINT)

        assert process.wait(20) in {0, 130}
        eventually(lambda: processes_of(temporary) == [], "no process stays", patience=10)
    assert first == {"text": "Hello"}
    assert f"http://127.0.0.1:{port}\n" in shown
    assert f"http://127.0.0.1:{port}/docs\n" in shown
    assert "Setting GREETING: the first greeting\n" in shown
    assert docs.status_code == 200
    assert "swagger" in docs.text
    assert "ladder/commands/cli.py" not in output()


@pytest.mark.parametrize(
    ("text", "frames", "reason"),
    [
        pytest.param(
            "app = (", ["tiny/main.py"], "SyntaxError: '(' was never closed", id="a mistake in its syntax"
        ),
        pytest.param(
            "from .inner import app", ["tiny/main.py", "tiny/inner.py"], "ZeroDivisionError", id="an error"
        ),
    ],
)
def test_an_app_that_runs_shows_no_frames_but_its_own(begin, solved, port, eventually, text, frames, reason):
    solved.learners.write_text(text)
    solved.learners.with_name("inner.py").write_text("app = 1 / 0")

    process, output = begin("run", "s0", "--port", port)
    eventually(lambda: reason in output(), "the reason is shown")
    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(20) in {0, 130}
    assert re.findall(r'File "(.+)", line', output()) == frames


@pytest.mark.usefixtures("solved")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_run_that_is_ended_takes_its_app_and_its_database_with_it(
    begin, course, port, temporary, processes_of, eventually, number, status
):
    temporary.chmod(0o711)  # the database server may run as another user
    course.edit("exercise.toml", "services = []", 'services = ["postgresql"]')
    process, output = begin("run", "s0", "--port", port)
    eventually(lambda: "Application startup complete" in output(), "the app runs")

    process.send_signal(number)

    assert process.wait(20) == status
    assert "DATABASE_URL=postgresql://" in output()
    eventually(lambda: processes_of(temporary) == [], "no process stays", patience=10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_check_that_is_to_end_does_so_without_another_word(
    begin, solved, edit, temporary, processes_of, eventually, number
):
    edit(
        solved.learners,
        "    return said[-1]",
        "    import time\n    print('asked', flush=True)\n    time.sleep(60)",
    )
    process, output = begin("check", "s0")

    def was_asked():
        with suppress(FileNotFoundError):  # that of the first start, which has ended
            return any("asked" in log.read_text() for log in temporary.glob("ladder-*/*/log"))

    eventually(was_asked, "a request is under way")

    process.send_signal(number)

    assert process.wait(20) == 128 + number
    assert "Traceback" not in output()
    assert "INTERNALERROR" not in output()
    eventually(lambda: processes_of(temporary) == [], "no process stays", patience=10)


@pytest.mark.parametrize("name", ["check", "watch", "hint", "run"])
def test_who_has_lost_main_py_is_told_how_the_starter_comes_back(ladder_here, started, name):
    started.learners.unlink()

    run = ladder_here(name, "s0")

    assert run.returncode == 2
    assert "holds no tiny/main.py" in run.stderr
    assert "The starter comes back with: ladder reset s0" in run.stderr


def test_a_terminal_shows_how_far_a_check_is(course):
    slow = "(client, values):\n    import sys, time; time.sleep(1); print('unseen'); print('unseen', file=sys.stderr)\n"
    course.edit("tests/test_tiny.py", "(client, values):\n", slow)
    one_core = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "  # so one process, in order
    )
    check = one_core + LADDER.replace(
        "'ladder'", "'ladder', 'check', 's0', '--app', 'scenarios/00_tiny/solution'"
    )
    screen, far_end = pty.openpty()
    command = [sys.executable, "-c", check]
    environment = os.environ | {"LADDER_COURSE": str(course.root), "TERM": "xterm"}
    with subprocess.Popen(command, stdout=far_end, stderr=far_end, cwd=course.root, env=environment):
        os.close(far_end)
        shown = []
        with suppress(OSError):  # which ends what a terminal gives
            while part := os.read(screen, 1 << 16):
                shown.append((time.monotonic(), part))
    os.close(screen)

    half_done = next(moment for moment, part in shown if b"1/2" in part)
    done = next(moment for moment, part in shown if b"2 of 2 criteria pass" in part)
    assert done - half_done > 0.2
    assert not [part for _, part in shown if b"unseen" in part or b"Traceback" in part]


def test_a_saved_file_is_checked_until_ctrl_c(begin, started, eventually):
    process, output = begin("watch", "s0")
    eventually(lambda: "Ctrl-C ends it." in output(), "the first verdict is shown")
    before = output()

    started.solve()
    eventually(lambda: output().count("Ctrl-C ends it.") == 2, "the new verdict is shown")
    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(20) == 130
    assert "0 of 2 criteria pass" in before
    assert "2 of 2" not in before
    assert "2 of 2 criteria pass" in output()
    assert started.workspace.progress.has_passed(started.exercise)
    assert "Traceback" not in output()


@pytest.mark.parametrize("poll", [pytest.param(False, id="events"), pytest.param(True, id="polling")])
def test_a_saved_file_is_noticed(started, eventually, poll):
    os.utime(started.learners, (1, 1))  # polling compares whole seconds
    noticed = collect_changes(started.learners.parents[1], poll=poll)
    eventually(lambda: noticed == [None], "the watching has begun")

    started.learners.write_text("saved")

    eventually(lambda: noticed == [None, None], "the change was noticed")


@pytest.mark.parametrize("poll", [pytest.param(False, id="events"), pytest.param(True, id="polling")])
def test_a_folder_that_is_replaced_is_noticed_and_watched_from_then_on(started, eventually, poll):
    os.utime(started.folder / "starter/tiny/main.py", (1, 1))  # polling compares whole seconds
    noticed = collect_changes(started.learners.parents[1], poll=poll, count=3)
    eventually(lambda: noticed == [None], "the watching has begun")

    started.workspace.reset(started.exercise)
    eventually(lambda: noticed == [None, None], "the new folder was noticed")
    started.learners.write_text("saved")

    eventually(lambda: noticed == [None, None, None], "the change in it was noticed")


def test_a_file_that_is_no_python_is_noticed_as_well(started, eventually):
    noticed = collect_changes(started.learners.parents[1], poll=False)
    eventually(lambda: noticed == [None], "the watching has begun")

    started.learners.with_name("experiments.json").write_text("{}")

    eventually(lambda: noticed == [None, None], "the change was noticed")


def test_without_a_name_the_exercise_that_was_started_last_is_meant(ladder_here, course):
    course.add("scenarios/01_larger")
    course.workspace.start(course.catalog.find("s1"))
    course.workspace.progress.add("started scenarios/00_tiny 2020-01-01T00:00:00Z")
    course.workspace.start(course.exercise)
    course.workspace.progress.add("started scenarios/01_larger 2999-01-01T00:00:00Z")

    run = ladder_here("compare")

    assert run.returncode == 2
    assert "ladder check s1" in run.stderr


def test_without_a_name_and_a_start_there_is_nothing_to_check(ladder_here):
    run = ladder_here("check")

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "ladder: You have not started an exercise yet. See the map with: ladder\n"


def test_a_place_where_nothing_can_be_written_is_one_sentence(ladder_here, course):
    course.write("workspace", "a file where the folder should be")

    run = ladder_here("start", "s0")

    assert run.returncode == f"ladder: {course.root}/workspace/scenarios: Not a directory. " + (
        "See who may write there, and whether the disk is full."
    )


def test_the_version_is_told(ladder_here):
    run = ladder_here("--version")

    assert (run.returncode, run.stdout) == (0, f"ladder {importlib.metadata.version('fastapi-ladder')}\n")


def test_the_doctor_tells_what_it_knows_before_it_looks_further(course, monkeypatch):
    monkeypatch.setattr(doctor, "app_answers", lambda: pytest.fail("it was asked already"))

    first = next(iter(doctor.examine(course.root)))

    assert (first.what, first.fault) == ("Python is 3.11 or newer", None)


def test_the_doctor_finds_a_machine_and_a_course_in_order(ladder_here, course):
    before = set(course.root.rglob("*"))

    run = ladder_here("doctor")

    assert run.returncode == 0, run.stdout
    assert {words[0] for words in rows(run.stdout) if not words[0].startswith("[")} >= {"ok"}
    assert "FAULT" not in run.stdout
    assert set(course.root.rglob("*")) == before


def test_the_doctor_names_a_tool_that_is_missing(course, monkeypatch):
    course.edit("exercise.toml", "services = []\n", 'services = []\ntools = ["promtool"]\n')
    monkeypatch.setenv("PATH", str(course.root))

    fault = doctor.tools_are_there(course.root)

    assert "Debian, Ubuntu: apt install prometheus; macOS: brew install prometheus; Windows: " in fault


def test_the_doctor_names_what_is_not_in_order_and_the_remedy(ladder_here, course):
    (course.folder / "solution/tiny/main.py").unlink()

    run = ladder_here("doctor")

    assert run.returncode == 2
    assert ["FAULT", "the", "exercises", "are", "in", "order"] in rows(run.stdout)
    assert "holds no tiny/main.py" in run.stdout
    assert "git restore" in run.stdout


def test_verify_says_that_exercises_are_sound(ladder, course):
    course.write("scenarios/README.md", "# Scenarios\n\n- [Tiny](00_tiny/README.md)\n")

    run = ladder("verify")

    assert (run.returncode, run.stderr) == (0, "")
    assert rows(run.stdout)[0][:5] == ["sound", "scenarios/00_tiny:", "2", "criteria,", "5"]
    assert len(run.stdout.splitlines()) == 1


def test_verify_says_which_exercises_are_not_sound_and_why(ladder, course):
    course.edit(
        "starter/tiny/main.py", "read_greeting() -> None:", "read_greeting():\n    return {'text': 'Hello'}"
    )
    course.write("scenarios/00_tiny/mistakes.toml", MISTAKES)
    course.edit("hints.md", "3. `list.append` keeps it.\n", "")
    course.edit("README.md", "| S0.2 | Another greeting | 2 |", "| S0.2 | Another greeting | 2, 3 |")
    course.edit("README.md", '{"text": "Hello"}', '{"text": "Howdy"}')

    run = ladder("verify", "tiny")

    lines = run.stdout.splitlines()
    assert run.returncode == 1
    assert {line for line in lines if line.startswith("NOT SOUND")} == {
        "NOT SOUND  scenarios/00_tiny · starter",
        "NOT SOUND  scenarios/00_tiny · mistake another-word",
        "NOT SOUND  scenarios/00_tiny · mistake always-the-first",
        "NOT SOUND  scenarios/00_tiny · contract",
        "NOT SOUND  scenarios/00_tiny · documents",
    }
    assert "it passes 1: " in run.stdout
    assert "caught by 1, but its entry names 2 " in run.stdout
    assert "its text stands 0 times in main.py" in run.stdout
    assert "promises {'text': 'Howdy'}" in run.stdout
    assert "has 2 steps, and needs 3" in run.stdout
    assert "2 mistakes, and at least 4 are needed" in run.stdout
    assert "name criteria that do not exist: [3]" in run.stdout
    summary = lines[-6:]
    assert summary[0].split()[:4] == ["5", "not", "sound", "scenarios/00_tiny:"]
    assert sorted(line.strip().partition(":")[0] for line in summary[1:]) == [
        *("contract", "documents", "mistake always-the-first", "mistake another-word", "starter")
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_verify_that_is_interrupted_leaves_neither_process_nor_file(
    begin, temporary, processes_of, eventually, number
):
    process, _output = begin("verify")
    eventually(
        lambda: list(temporary.glob("ladder-*/*/tiny/main.py")), "a copy of the reference is being judged"
    )

    os.kill(
        process.pid if number == signal.SIGKILL else -process.pid, number
    )  # Ctrl-C is for the whole group

    assert process.wait(20) != 0
    eventually(lambda: processes_of(temporary) == [], "every process has ended", patience=10)
    eventually(lambda: list(temporary.iterdir()) == [], "every file is gone")


def test_a_character_that_the_output_cannot_hold_is_no_hindrance(ladder, course):
    course.edit("exercise.toml", 'title = "Tiny"', 'title = "Tiny ☕"')

    run = ladder(PYTHONIOENCODING="ascii")

    assert (run.returncode, run.stderr) == (0, "")
    assert "Tiny " in run.stdout


def test_a_reader_that_has_gone_ends_a_command_in_silence(command):
    reader, writer = os.pipe()
    os.close(reader)

    run = command.run("-c", f"import os; os.dup2({writer}, 1); {LADDER}", pass_fds=[writer])

    os.close(writer)
    assert (run.returncode, run.stderr) == (1, "")


def test_the_installed_command_is_the_same(command):
    run = command.run(Path(sys.executable).with_name("ladder"))

    assert run.returncode == 0
    assert "Next: ladder start s0" in run.stdout


@pytest.mark.parametrize(
    "words", [["start", "s1"], ["check", "s0"], ["run", "s0", "--port", "{port}"], ["hint", "s0"]]
)
def test_commands_that_start_an_app_install_what_it_needs(ladder_here, started, words, port, monkeypatch):
    started.add("scenarios/01_larger")
    for name in ("00_tiny", "01_larger"):
        manifest = started.root / f"scenarios/{name}/exercise.toml"
        manifest.write_text(
            manifest.read_text().replace("dependencies = []", 'dependencies = ["no-such-package"]')
        )
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_NO_INDEX", "1")

    run = ladder_here(*(word.format(port=port) for word in words))

    assert run.returncode == 2
    assert "Installing no-such-package …" in run.stderr
    assert "ladder: no-such-package could not be installed: " in run.stderr


INTERRUPTED_IN_A_DESTRUCTOR = """
import signal, time
from ladder.commands.cli import interrupt

class Last:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, interrupt)
Last()
print("went on", flush=True)
try:
    time.sleep(10)
except KeyboardInterrupt:
    print("and was interrupted")
"""


def test_ctrl_c_is_not_lost_while_an_object_is_destroyed(command):
    run = command.run("-c", INTERRUPTED_IN_A_DESTRUCTOR)

    assert run.stdout.split("\n") == ["went on", "and was interrupted", ""]
