"""The journal of a run: what goes on after Ctrl-C or a power cut begins where it stands."""

import json
import os
import random
from contextlib import suppress
from pathlib import Path

from ladder.grading.plan import Judged, Plan
from ladder.grading.results import Status

JOURNAL = "journal.jsonl"
"""Its name, in the folder of the results."""
NOT_AN_ENTRY = (ValueError, KeyError, TypeError, OverflowError, RecursionError)
"""What reading a damaged line raises."""


class Journal:
    """The verdicts of a run, a line each, on disk before anything else is done with them.

    Args:
        path: the file.
        plan: how the class is judged; what was judged otherwise does not count.

    Attributes:
        known: where the verdict on each content stands, by its digest.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self.key = plan.key()
        self.seed = plan.seed
        self.known: dict[str, int] = {}
        self.end = 0
        path.touch()
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break  # the run was ended while it wrote this
                self.note(line)
                self.end += len(line)
        os.truncate(path, self.end)

    def note(self, line: bytes) -> None:
        """Note a verdict that was found in the same way; what is none, or an error, is passed over."""
        with suppress(*NOT_AN_ENTRY):
            entry = json.loads(line)
            judged = Judged.model_validate(entry["judged"])
            if entry["key"] == self.key and judged.status is Status.GRADED and judged.digest is not None:
                self.known[judged.digest] = self.end

    def add(self, judged: Judged) -> int:
        """Write a verdict, and give its place."""
        entry = {"key": self.key, "seed": self.seed, "judged": judged.model_dump(mode="json")}
        line = json.dumps(entry).encode() + b"\n"
        with self.path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        place, self.end = self.end, self.end + len(line)
        return place

    def read(self, place: int) -> Judged:
        """Return the verdict that stands at a place."""
        with self.path.open("rb") as file:
            file.seek(place)
            return Judged.model_validate(json.loads(file.readline())["judged"])


def choose_seed(journal: Path) -> int:
    """Return the seed of the last run that a journal tells of, or a new one."""
    seed = random.SystemRandom().randrange(10**6)
    with suppress(OSError), journal.open("rb") as file:
        for line in file:
            with suppress(*NOT_AN_ENTRY):
                seed = int(json.loads(line)["seed"])
    return seed
