"""Finds what a class handed in: each thing in its folder becomes a row of the results, whatever it is."""

import itertools
import os
import re
import stat
import unicodedata
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ladder.base.errors import LadderError
from ladder.grading.contents import MOST_ENTRIES, is_passed_over, show
from ladder.grading.intake import ENDING, Submission, opened, walk

EXPECTED = "It should hold a folder, a .zip, a .tar.gz or a .tgz for each learner, called after the learner."
NOT_OURS = {"Thumbs.db", "desktop.ini"}
"""What Windows puts beside submissions."""
RECEIPTS = {
    "blackboard": re.compile(r".*_attempt_\d{4}(-\d\d){5}\.txt"),
    "brightspace": re.compile(r"index\.html"),
}
"""What platforms put beside them, for each attempt or once."""
OTHER_ENDING = re.compile(r"\.(7z|rar|zipx|tar|(tar\.)?(gz|xz|bz2|zst|lz)|txz|tbz2?)\Z", re.IGNORECASE)
"""Of archives that are not taken."""
PLATFORMS = {
    "moodle": r"(?P<learner>.+)_(?P<number>\d+)_assignsubmission_[a-z]+_.*",
    "canvas": r"(?P<learner>[^_]+)(?P<late>_LATE)?_(?P<number>\d+)_\d+_.*?(-(?P<attempt>\d+))?",
    "blackboard": r".+_(?P<learner>[^_]+)_attempt_(?P<attempt>\d{4}(-\d\d){5}).*",
    "brightspace": r"(?P<number>\d+)-\d+ - (?P<learner>.+?) - (?P<attempt>.+)",
    "classroom": r"(?P<learner>.+?) - .+",
}
"""How platforms name what they let instructors download, without the ending; Brightspace's attempt is a time."""
BRIGHTSPACE_TIMES = ("%b %d, %Y %I%M %p", "%d %B, %Y %H%M", "%B %d, %Y %I%M %p")


@dataclass(frozen=True)
class Named:
    """What a name says.

    Attributes:
        learner: the id.
        attempt: what orders the attempts of one learner; all texts of a platform have the same form.
        late: whether the platform has marked it as late.
        fault: why it says nothing.
    """

    learner: str
    attempt: str = ""
    late: bool = False
    fault: str | None = None


class Names:
    """Reads the names of submissions.

    Args:
        pattern: a key of `PLATFORMS`, or a regular expression for the name without the ending, with a group `learner`
            and perhaps `number` (which tells two learners of one name apart), `attempt` and `late`; by default, the
            name is the learner's id.

    Raises:
        LadderError: it is neither.
    """

    def __init__(self, pattern: str | None = None) -> None:
        self.pattern = pattern
        self.expression: re.Pattern[str] | None = None
        if pattern is None:
            return
        try:
            self.expression = re.compile(PLATFORMS.get(pattern, pattern), re.DOTALL)
        except re.error as error:
            raise LadderError(
                f"--names {pattern}: this is no regular expression ({error}). {self.expected}"
            ) from error
        if "learner" not in self.expression.groupindex:
            raise LadderError(f"--names {pattern}: it has no group (?P<learner>…). {self.expected}")

    @property
    def expected(self) -> str:
        """What may be passed."""
        return f"Pass {', '.join(PLATFORMS)}, or a regular expression with such a group."

    def is_receipt(self, name: str) -> bool:
        """Return whether an entry is what the platform says of a submission."""
        return self.pattern in RECEIPTS and RECEIPTS[self.pattern].fullmatch(name) is not None

    def read(self, stem: str) -> Named:
        """Return what a name without its ending says."""
        if self.expression is None:
            return Named(stem)
        found = self.expression.fullmatch(stem)
        if found is None:
            return Named(stem, fault=f"Its name is not one that --names {self.pattern} expects.")
        groups = {name: text or "" for name, text in found.groupdict().items()}
        learner = "_".join(part for part in (groups["learner"], groups.get("number", "")) if part)
        return Named(learner, order_of(groups.get("attempt", "")), late=bool(groups.get("late")))


def order_of(attempt: str) -> str:
    """Return an attempt as a text that sorts right: a number after zeros, a time of Brightspace in ISO 8601."""
    if attempt.isdecimal():
        return attempt.zfill(20)
    for form in BRIGHTSPACE_TIMES:
        with suppress(ValueError):
            return datetime.strptime(attempt, form).isoformat()  # noqa: DTZ007 - all of one zone
    return attempt


def find_submissions(folder: Path, names: Names | None = None) -> tuple[list[Submission], list[str]]:
    """Find what a class handed in.

    Of several entries of one learner, what can be taken in goes before what cannot, then the later attempt, then the
    newer.

    Args:
        folder: where it lies.
        names: reads the names; by default, each is a learner's id, without the ending of an archive.

    Returns:
        the submissions, sorted by learner, those that will be refused among them, and notes for the instructor.

    Raises:
        LadderError: the folder cannot be read, or is empty.
    """
    names = names or Names()
    best: dict[str, tuple[tuple[bool, str, datetime, str], Submission]] = {}
    notes = []
    try:
        paths = sorted(folder.iterdir(), key=lambda path: (names.is_receipt(path.name), path.name))
        entries = {path: path.lstat() for path in paths if is_handed_in(path.name)}
    except OSError as error:
        raise LadderError(f"{folder} cannot be read: {error.strerror}. {EXPECTED}") from error
    for path, info in entries.items():
        fault = find_fault(path.name, info)
        stem = ENDING.sub("", path.name)
        named = names.read(OTHER_ENDING.sub("", stem) if fault else stem)
        key = unicodedata.normalize("NFC", named.learner)
        if names.is_receipt(path.name) and (named.fault is not None or key in best):
            continue  # of nobody's, or beside what it is about
        fault = fault or named.fault
        new = Submission(named.learner, path, find_submission_time(path, info), fault)
        rank = (fault is None, named.attempt, new.submitted, path.name)
        old_rank, old = best.setdefault(key, (rank, new))
        if old is not new:
            counts = max((old_rank, old), (rank, new), key=lambda one: one[0])
            best[key] = counts
            both = f"{show(old.path.name)} and {show(path.name)}"
            notes.append(f"{both} are of one learner; {show(counts[1].path.name)} counts.")
        if named.late:
            notes.append(
                f"{show(path.name)} is marked as late: say in [submitted] of the options when it came."
            )
    if not best:
        raise LadderError(f"{folder} holds no submission. {EXPECTED}")
    return sorted((submission for _, submission in best.values()), key=lambda one: one.learner), notes


def is_handed_in(name: str) -> bool:
    """Return whether an entry of the class's folder may be a learner's."""
    return name not in NOT_OURS and not is_passed_over([name])


def find_fault(name: str, info: os.stat_result) -> str | None:
    """Return why an entry is no submission, if it is none."""
    if name.startswith("."):
        return "Its name begins with a dot. Hand it in under the learner's name."
    if not stat.S_ISREG(info.st_mode) or ENDING.search(name):
        return None  # what is neither a file nor a folder is refused when it is looked into
    if OTHER_ENDING.search(name):
        return "It is an archive of another kind. Pack it as a .zip, a .tar.gz or a .tgz."
    return (
        "It is neither a folder nor a .zip, .tar.gz or .tgz. Hand in the app's folder, or pack it as a .zip."
    )


def find_submission_time(path: Path, info: os.stat_result) -> datetime:
    """Return the time of a submission: of a folder, that of its newest file; links are not followed."""
    times = []
    if stat.S_ISDIR(info.st_mode):
        with suppress(OSError), opened(path, os.O_DIRECTORY) as folder, closing(walk(folder)) as entries:
            for name, entry, _ in itertools.islice(entries, MOST_ENTRIES):
                if stat.S_ISREG(entry.st_mode) and not is_passed_over([name.rpartition("/")[2]]):
                    times.append(entry.st_mtime)
    return to_moment(max(times, default=info.st_mtime))


def to_moment(seconds: float) -> datetime:
    """Return a file's time in UTC; one that no calendar holds becomes the nearest that it does."""
    latest = datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp()
    return datetime.fromtimestamp(min(max(seconds, 0), latest), UTC)
