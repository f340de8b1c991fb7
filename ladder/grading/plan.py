"""How a class is judged, and what judging a submission gives: what goes to a lane, and what comes back."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import shared
from ladder.base.errors import LadderError
from ladder.checking.report import Report, Value
from ladder.course.catalog import Exercise, files_of_tests
from ladder.course.policy import Isolation
from ladder.grading.results import Status

ENGINE = Path(__file__).parents[1]
TOOLKIT = Path(shared.__file__).parent
"""What apps import of the course's own."""
PLACES = "import json, sys; print(json.dumps([sys.version, *sys.path]))"


@dataclass(frozen=True)
class Plan:
    """How a class is judged: the same for every submission."""

    root: Path
    exercise: Path
    seed: int
    repeat: int = 1
    seconds: float = 120.0
    isolation: Isolation = Isolation.SANDBOX
    python: Path = field(default_factory=lambda: Path(sys.executable))

    def open_exercise(self) -> Exercise:
        """Return the exercise."""
        return Exercise(self.root, self.exercise)

    def key(self) -> str:
        """Return a digest of all that a verdict depends on besides the submission.

        Raises:
            LadderError: the interpreter cannot be run.
        """
        how = [self.seed, self.repeat, self.seconds, self.isolation, str(self.python)]
        digest = hashlib.sha256(json.dumps([*how, installed_for(self.python)]).encode())
        documents = [self.exercise / name for name in ("README.md", "exercise.toml")]
        for folder in (self.exercise / "tests", *documents, TOOLKIT, ENGINE):
            for path in files_of_tests(folder) if folder.is_dir() else [folder]:
                digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def installed_for(python: Path) -> list[str]:
    """Name what is installed for an interpreter, and its own version.

    Raises:
        LadderError: it cannot be run.
    """
    try:
        found = subprocess.run([python, "-I", "-c", PLACES], capture_output=True, check=True, text=True)
        version, *places = json.loads(found.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise LadderError(
            f"{python} cannot be run: {error}. Pass --python with the path of an interpreter."
        ) from error
    return [version, *sorted(info.name for place in places for info in Path(place).glob("*.dist-info"))]


class Judged(Value):
    """What became of one submission: what a lane gives, and a line of the journal."""

    learner: str
    submission: str
    digest: str | None
    status: Status
    reason: str | None
    reports: list[Report]
