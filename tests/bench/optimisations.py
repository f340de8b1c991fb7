"""What each optimisation that costs readers saves: with it and without it, in turns, in two copies of the engine."""

import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import Row
from tests.bench.engine import ROOT, seconds_of

TURNS = 5
MOST = 0.85
"""What saves less than 15 % of what it touches is not worth its lines."""
CHECK = ("check", "s1", "--app", "scenarios/01_persistent_notes/solution")


@dataclass(frozen=True)
class Optimisation:
    """One optimisation, and how to do without it.

    Attributes:
        what: its name.
        files: a pattern for the files that it is in, relative to `ladder/`.
        pattern: a regular expression for its lines.
        without: what they are replaced by.
        arguments: those of the command `ladder` that it makes faster.
        turns: how many times each of the two is run.
    """

    what: str
    files: str
    pattern: str
    without: str
    arguments: tuple[str, ...]
    turns: int = TURNS

    def remove_from(self, engine: Path) -> None:
        """Remove it from a copy of the engine.

        Raises:
            ValueError: it is not there.
        """
        found = 0
        for file in engine.glob(self.files):
            text, changes = re.subn(
                self.pattern, self.without, file.read_text(encoding="utf-8"), flags=re.MULTILINE
            )
            file.write_text(text, encoding="utf-8")
            found += changes
        if found == 0:
            raise ValueError(
                f"ladder/{self.files} does not contain {self.pattern}: mend tests/bench/optimisations.py"
            )


OPTIMISATIONS = [
    Optimisation(
        "imports inside functions: the map",
        "commands/cli.py",
        r"^import typer$",
        "import typer, ladder.commands.doctor, ladder.checking.check, ladder.grading.grade, "
        "ladder.authoring.mutation, ladder.authoring.scaffold, ladder.authoring.witness",
        (),
    ),
    Optimisation(
        "each process keeps to a core: a check",
        "**/*.py",
        r"^( *)os\.sched_setaffinity\(.*\)$",
        r"\1int()",
        CHECK,
    ),
    Optimisation(
        "processes take turns with the criteria: a check",
        "commands/learner.py",
        r"processes=choose_processes\(exercise\) if url is None else 1",
        "processes=1",
        CHECK,
    ),
    Optimisation(
        "apps are imported once, and forked: a check",
        "serving/launcher.py",
        r"can_fork = .*",
        "can_fork = False",
        CHECK,
    ),
    Optimisation(
        "mistakes are judged by the tests that reach them: verify",
        "authoring/parts.py",
        r"tests = reach\.tests_of\(.*",
        "tests = None",
        ("verify", "e1"),
        turns=1,
    ),
]


def measure() -> Iterator[Row]:
    """Measure each; yields a row when it is known."""
    for optimisation in OPTIMISATIONS:
        ratios = []
        with tempfile.TemporaryDirectory() as place:
            sides = [copy_course(Path(place, side)) for side in ("with", "without")]
            optimisation.remove_from(sides[1] / "ladder")
            for side in sides:
                seconds_in(side, ())  # which compiles it
            for _ in range(optimisation.turns):
                with_it, without = (seconds_in(side, optimisation.arguments) for side in sides)
                ratios.append(with_it / without)
        turns = f", median of {optimisation.turns}" if optimisation.turns > 1 else ""
        yield Row(f"{optimisation.what}, with to without{turns}", statistics.median(ratios), MOST, "x")


def copy_course(folder: Path) -> Path:
    """Copy what the engine and the exercises need, without tools' caches."""
    for name in ("ladder", "shared", "scenarios", "exercises", "curriculum"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def seconds_in(folder: Path, arguments: tuple[str, ...]) -> float:
    """Run the command `ladder` of a copy, compiled, and return the seconds that it took."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "ladder", *arguments]
    return seconds_of(command, cwd=folder, env={**environment, "PYTHONPATH": str(folder)})
