"""How a class is judged, and what judging a submission gives: what goes to a lane, and what comes back."""

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import shared
from ladder.catalog import Exercise
from ladder.grades import Status
from ladder.policy import Isolation
from ladder.report import Report, Value

ENGINE = Path(__file__).parent
TOOLKIT = Path(shared.__file__).parent
"""What apps import of the course's own."""


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
        """Give the exercise."""
        return Exercise(self.root, self.exercise)

    def key(self) -> str:
        """Give a digest of all that a verdict depends on besides the submission, the installed packages excepted."""
        digest = hashlib.sha256(
            json.dumps([self.seed, self.repeat, self.seconds, self.isolation, str(self.python)]).encode()
        )
        documents = [self.exercise / name for name in ("README.md", "exercise.toml")]
        for folder in (self.exercise / "tests", *documents, TOOLKIT, ENGINE):
            for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
                digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


class Judged(Value):
    """What became of one submission: what a lane gives, and a line of the journal."""

    learner: str
    submission: str
    digest: str | None
    status: Status
    reason: str | None
    reports: list[Report]
