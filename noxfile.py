"""Every check of the course. `nox -l` lists them; `nox` runs those that CI runs."""

import os
import re
import shutil
import sys
from pathlib import Path

import nox

if sys.version_info < (3, 11):  # noqa: UP036 - nox itself also runs on older ones
    sys.exit(
        f"The course needs Python 3.11 or newer, and this nox runs on {sys.version.split()[0]}. Install nox there."
    )

import tomllib

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests", "acceptance", "verify"]  # the longest one last

ROOT = Path(__file__).parent
EVERYTHING = ".[apps,engine]"
PINNED = ["-c", "constraints.txt"]
FOR_TESTS = ["mypy", "pytest-xdist"]
SIDE_BY_SIDE = ["-n", "4", "--dist", "worksteal"]  # the tests wait for other processes half of the time
TRACKS = ("scenarios", "exercises", "curriculum")
EXERCISES = [
    manifest.parent.relative_to(ROOT).as_posix()
    for track in TRACKS
    for manifest in sorted((ROOT / track).glob("**/exercise.toml"))
]
DEPENDENCIES = sorted(
    {
        name
        for path in EXERCISES
        for name in tomllib.loads((ROOT / path / "exercise.toml").read_text(encoding="utf-8"))["dependencies"]
    }
)
"""What the apps of all exercises need: learners get these when they start one that does."""
BIN = "Scripts" if os.name == "nt" else "bin"
# Imports are half of every start, so everything is compiled when it is installed, and may be compiled later.
COMPILED = {"UV_COMPILE_BYTECODE": "1", "PYTHONDONTWRITEBYTECODE": None}
COMPILE = ["-m", "compileall", "-q", "ladder", "shared"]


def install(session: nox.Session, *requirements: str) -> None:
    """Install into the session's environment, compiled."""
    session.install("-q", *requirements, env=COMPILED)


def run_engine(session: nox.Session, *arguments: str | Path, **variables: str) -> None:
    """Run Python with these arguments in the environment that the session `engine` has made.

    Args:
        session: which runs it.
        arguments: those of Python.
        variables: for its environment.
    """
    python = Path(ROOT, session.cache_dir).parent / "engine" / BIN / "python"
    session.run(python, *arguments, env={**COMPILED, **variables}, external=True)


@nox.session(venv_backend="none", default=False)
def learn(session: nox.Session) -> None:
    """Begin: make .venv with everything in it, show the map, and say what to type next."""
    session.run(sys.executable, ROOT / "learn.py")


@nox.session(default=False)
def engine(session: nox.Session) -> None:
    """Make the environment that the checks run in (they ask for it themselves)."""
    install(session, *PINNED, "-e", EVERYTHING, *FOR_TESTS, *DEPENDENCIES)
    session.run("python", *COMPILE, env=COMPILED)


def app_python(session: nox.Session, dependencies: list[str]) -> Path:
    """Return the Python of an environment that holds what apps may rely on and these, and that such apps share."""
    name = re.sub(r"\W+", "-", "-".join(["apps", *sorted(dependencies)])).rstrip("-")
    folder = Path(ROOT, session.cache_dir).parent / name
    python = folder / BIN / "python"
    has_uv = shutil.which("uv") is not None
    if not python.exists():
        make = (
            ["uv", "venv", "--quiet", "--python", sys.executable]
            if has_uv
            else [sys.executable, "-m", "venv"]
        )
        session.run(*make, folder, external=True)
    pip = ["uv", "pip", "install", "--python", python] if has_uv else [python, "-m", "pip", "install"]
    session.run(*pip, "--quiet", *PINNED, "-e", ".", *dependencies, env=COMPILED, external=True)
    return python


@nox.session(venv_backend="none", requires=["engine"])
@nox.parametrize("exercise", [nox.param(path, id=path, tags=path.split("/")[:-1]) for path in EXERCISES])
def acceptance(session: nox.Session, exercise: str) -> None:
    """Check one exercise's app with only what it declares installed; '-- --submission DIR' checks another's."""
    manifest = tomllib.loads((ROOT / exercise / "exercise.toml").read_text(encoding="utf-8"))
    python = app_python(session, manifest["dependencies"])
    options = ["--app" if option == "--submission" else option for option in session.posargs]
    if "--app" in options:
        place = options.index("--app") + 1
        options[place:] = [
            str(Path(session.invoked_from, *options[place : place + 1])),
            *options[place + 1 :],
        ]
    else:
        options += ["--app", f"{exercise}/solution"]
    run_engine(session, "-m", "ladder", "check", exercise, "--python", python, *options)


@nox.session(venv_backend="none", requires=["engine"])
def tests(session: nox.Session) -> None:
    """Test the toolkit, the engine and the references' own units; arguments after -- go to pytest."""
    own = [ROOT / "tests", *sorted(ROOT.glob("*/**/solution/tests"))]  # `verify` runs the acceptance tests
    run_engine(session, "-m", "pytest", *SIDE_BY_SIDE, *(session.posargs or own))


@nox.session(venv_backend="none", requires=["engine"])
def verify(session: nox.Session) -> None:
    """Check that every exercise is sound, each mistake by the criteria that it names; '-- s0' by all, of s0."""
    run_engine(session, "-m", "ladder", "verify", *(session.posargs or ["--quick"]))


@nox.session(venv_backend="none", requires=["engine"], default=False)
def mutants(session: nox.Session) -> None:
    """See which small faults of the references no test notices; '-- --help' tells what else can be said after --."""
    run_engine(session, "-m", "ladder", "verify", "--mutants", *session.posargs)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def soundness(session: nox.Session) -> None:
    """Write docs/soundness.md anew from the exercises' files; the mutants' scores stay as they are there."""
    run_engine(session, "-m", "ladder.authoring.soundness")


@nox.session(venv_backend="none", requires=["engine"], default=False)
def words(session: nox.Session) -> None:
    """Print each sentence that users read, with its place, so that all of them can be read in one go."""
    run_engine(session, "tests/words.py")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and form with ruff ('-- --fix' mends what it can), and the order in which the engine imports."""
    install(session, *PINNED, "ruff", "import-linter")
    session.run("ruff", "check", *session.posargs, ".")
    session.run("ruff", "format", *([] if session.posargs else ["--check"]), ".")
    session.run("lint-imports", "--no-cache")


@nox.session(venv_backend="none", requires=["engine"])
def types(session: nox.Session) -> None:
    """Check types with mypy in strict mode: toolkit and engine, then all references, and all starters."""
    run_engine(session, "-m", "mypy", "shared", "ladder")
    packages = [exercise.rsplit("/", maxsplit=1)[1].split("_", maxsplit=1)[1] for exercise in EXERCISES]
    words = [word for package in packages for word in ("-p", package)]  # no two have the same name
    for version in ("solution", "starter"):
        places = os.pathsep.join(str(ROOT / exercise / version) for exercise in EXERCISES)
        run_engine(session, "-m", "mypy", *words, MYPYPATH=places)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def grade(session: nox.Session) -> None:
    """Grade a class in a sandbox: '-- SUBMISSIONS --exercise exercises/01 --out grades/', and '-- --help'."""
    with session.chdir(session.invoked_from):
        run_engine(session, "-m", "ladder", "grade", *session.posargs)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def hostile(session: nox.Session) -> None:
    """Grade submissions that cheat, harm and stall, beside honest ones, and print what was expected and seen."""
    run_engine(session, "-m", "tests.hostile", *session.posargs)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def honest(session: nox.Session) -> None:
    """Grade right solutions in other styles than the references', 20 times each, and print what they got."""
    run_engine(session, "-m", "tests.honest", *session.posargs)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def wrong(session: nox.Session) -> None:
    """Judge the wrong apps and the attacks in tests/wrong, and see that the criteria catch each as its entry says."""
    run_engine(session, "-m", "tests.wrong", *session.posargs)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def browser(session: nox.Session) -> None:
    """Open pages in Chromium, and see that it refuses what the headers of c3.2 and c3.3 tell it to refuse."""
    run_engine(session, "-m", "tests.browser", *session.posargs)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def bench(session: nox.Session) -> None:
    """Measure what docs/bench.md promises, and print the table."""
    run_engine(session, "-m", "tests.bench", *session.posargs)


@nox.session(venv_backend="none", requires=["engine"], default=False)
def picture(session: nox.Session) -> None:
    """Write docs/terminal.svg, the picture of the README, anew."""
    run_engine(session, ROOT / "docs" / "picture.py")


@nox.session(default=False)
def newest(session: nox.Session) -> None:
    """Run the tests, and verify, with the newest versions of everything instead of the pinned ones."""
    install(session, "--upgrade", "-e", EVERYTHING, *FOR_TESTS, *DEPENDENCIES)
    session.run("python", "-m", "pytest", *SIDE_BY_SIDE, env=COMPILED)
    session.run("python", "-m", "ladder", "verify", env=COMPILED)


@nox.session(default=False, reuse_venv=False, venv_backend="virtualenv")
def pin(session: nox.Session) -> None:
    """Write constraints.txt anew, from the newest versions."""
    install(session, "-e", EVERYTHING, *FOR_TESTS, *DEPENDENCIES, "ruff", "import-linter")
    frozen = session.run("python", "-m", "pip", "freeze", "--exclude-editable", silent=True)
    head = "# Exact versions for every session of noxfile.py. Written by: nox -s pin\n"
    Path("constraints.txt").write_text(head + str(frozen), encoding="utf-8")
