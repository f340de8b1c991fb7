"""The learner's own folder: copies of starters, progress, and everything that was ever put aside."""

import codecs
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ladder.base.errors import LadderError
from ladder.course.catalog import NOT_CODE, App, Catalog, Exercise

FACT = re.compile(
    r"passed \S+ \d{4}-\d\d-\d\d( [0-9a-f]{12})?|started \S+ [\dTZ:-]+|gave-up \S+|hint \S+ \d+ \d+"
)
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class WorkspaceError(LadderError):
    """A workspace is there and should not be, or is not there and should be."""


class Progress:
    """What a learner has done: a text file with one fact a line.

    Facts are only ever added, and none contradicts another, so two versions of the file are merged by taking the
    lines of both. A line that is no fact (what a merge tool left behind) is passed over.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def facts(self) -> set[str]:
        """Return all facts.

        Raises:
            WorkspaceError: the file is not text in UTF-8 (or in UTF-16, as some editors of Windows write).
        """
        content = self.path.read_bytes() if self.path.exists() else b""
        try:
            text = content.decode("utf-16" if content.startswith(UTF_16_MARKS) else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise WorkspaceError(
                f"{self.path} is not text in UTF-8. Save it as UTF-8, or remove it."
            ) from error
        return {line for line in text.splitlines() if FACT.fullmatch(line)}

    def add(self, fact: str) -> None:
        """Note a fact; the file stays sorted, and is replaced in one step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = sorted(self.facts() | {fact})
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False, encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        Path(file.name).replace(self.path)

    def facts_about(self, word: str, exercise: Exercise) -> list[list[str]]:
        """Return what follows this word in the facts about an exercise; older ones name it by its path."""
        known = {exercise.id, exercise.path}
        facts = [fact.split() for fact in sorted(self.facts())]
        return [rest for first, name, *rest in facts if first == word and name in known]

    def has_passed(self, exercise: Exercise) -> bool:
        """Return whether the learner's code has passed every criterion at some time."""
        return self.facts_about("passed", exercise) != []

    def has_passed_other_tests(self, exercise: Exercise) -> bool:
        """Return whether the learner's code has passed, but the tests have changed since."""
        digests = {digest for _, *digests in self.facts_about("passed", exercise) for digest in digests}
        return digests != set() and exercise.tests_digest not in digests

    def note_pass(self, exercise: Exercise) -> None:
        """Note that the learner's code passes these tests; the first time counts."""
        if not self.has_passed(exercise) or self.has_passed_other_tests(exercise):
            self.add(f"passed {exercise.id} {datetime.now(UTC):%Y-%m-%d} {exercise.tests_digest}")

    def last_start(self, exercise: Exercise) -> str:
        """Return when the learner started an exercise last, in ISO 8601; the empty string if never."""
        return max((time for [time] in self.facts_about("started", exercise)), default="")

    def note_start(self, exercise: Exercise) -> None:
        """Note that the learner starts an exercise now."""
        self.add(f"started {exercise.id} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")

    def has_given_up(self, exercise: Exercise) -> bool:
        """Return whether the learner has looked at the reference before passing."""
        return self.facts_about("gave-up", exercise) != []

    def note_giving_up(self, exercise: Exercise) -> None:
        """Note that the learner looks at the reference before passing."""
        self.add(f"gave-up {exercise.id}")

    def hints_seen(self, exercise: Exercise, criterion: int) -> int:
        """Return the number of hint steps that were shown for a criterion."""
        seen = self.facts_about("hint", exercise)
        return max((int(step) for number, step in seen if number == str(criterion)), default=0)

    def note_hint(self, exercise: Exercise, criterion: int, step: int) -> None:
        """Note that a hint step was shown."""
        self.add(f"hint {exercise.id} {criterion} {step}")


class Workspace:
    """The folder `workspace` of a course.

    Args:
        root: the course's folder.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / "workspace"
        self.progress = Progress(self.folder / "progress.txt")

    def app(self, exercise: Exercise) -> App:
        """Return the place of the learner's code for an exercise, whether or not it is there."""
        return App(self.folder / exercise.path, exercise.package)

    def require(self, exercise: Exercise) -> App:
        """Return the learner's code for an exercise.

        Raises:
            WorkspaceError: the exercise was not started.
        """
        app = self.app(exercise)
        if not app.folder.exists():
            raise WorkspaceError(f"You have not started {exercise.path}. Type: ladder start {exercise.short}")
        return app

    def last_started(self, catalog: Catalog) -> Exercise | None:
        """Return the exercise that was started last, of those that are there."""
        started = [exercise for exercise in catalog if self.app(exercise).folder.is_dir()]
        return max(started, key=self.progress.last_start, default=None)

    def start(self, exercise: Exercise) -> App:
        """Copy the starter.

        Raises:
            WorkspaceError: the learner's folder exists already.
            LadderError: the starter is gone.
        """
        app = self.app(exercise)
        exercise.starter.require()
        if app.folder.exists():
            raise WorkspaceError(
                f"{app.folder} exists already, and your work in it stays as it is. "
                f"Go on there, or type 'ladder reset {exercise.short}' to begin anew (what you wrote is kept)."
            )
        app.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=app.folder.parent, prefix=".starting-") as folder:
            copy = Path(folder) / "copy"
            shutil.copytree(exercise.starter.folder, copy, ignore=NOT_CODE)
            copy.rename(app.folder)
        self.progress.note_start(exercise)
        return app

    def reset(self, exercise: Exercise) -> Path:
        """Put the learner's code aside, and copy the starter again.

        Returns:
            where the code was put.

        Raises:
            WorkspaceError: there is nothing to reset.
            LadderError: the starter is gone.
        """
        app = self.require(exercise)
        exercise.starter.require()
        aside = self.put_aside(app, exercise)
        self.start(exercise)
        return aside

    def undo(self, exercise: Exercise) -> Path:
        """Bring back what was put aside last; what is there now is put aside, so a second undo undoes the first.

        Returns:
            where the present code was put.

        Raises:
            WorkspaceError: nothing was put aside.
        """
        app = self.require(exercise)
        earlier = list(self.put_aside_for(exercise))
        if not earlier:
            raise WorkspaceError(
                f"Nothing of {exercise.path} was put aside, so there is nothing to bring back."
            )
        aside = self.put_aside(app, exercise)
        earlier[-1].rename(app.folder)
        return aside

    def put_aside(self, app: App, exercise: Exercise) -> Path:
        """Move the learner's folder to where nothing is overwritten."""
        store = self.folder / ".put-aside" / exercise.path
        store.mkdir(parents=True, exist_ok=True)
        aside = store / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}"
        app.folder.rename(aside)
        return aside

    def put_aside_for(self, exercise: Exercise) -> Iterator[Path]:
        """Return the folders that were put aside, the oldest first."""
        yield from sorted((self.folder / ".put-aside" / exercise.path).glob("*"))

    def run_folder(self, exercise: Exercise) -> Path:
        """Return the folder in which `ladder run` lets an app work, so that its files do not mix with its code."""
        folder = self.folder / ".run" / exercise.path
        folder.mkdir(parents=True, exist_ok=True)
        return folder
