"""A log file that rotates itself, also while several processes write to it."""

import fcntl
import gzip
import os
import re
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import LogFile, write_whole


class RotatingLogFile(LogFile):
    """A log file that makes room for itself: `app.log.1.gz` is the newest of the old ones.

    All processes take the same lock around whatever they write or rename, so that each finds a folder in which nothing
    is going on. What a killed process has left half done is in `app.log.1`, an old file that is not compressed yet.

    Args:
        path: of the file that is written.
        max_bytes: how large a file may become.
        backups: how many old ones are kept.
    """

    def __init__(self, path: Path, max_bytes: int, backups: int) -> None:
        super().__init__(path)
        self.max_bytes = max_bytes
        self.backups = backups
        self.uncompressed = path.with_name(f"{path.name}.1")

    def recover(self) -> None:
        """Finish the rotation that a killed process has begun, and remove old files beyond those that are kept."""
        with self.lock():
            self.compress()
            self.prune()

    def append(self, lines: deque[bytes]) -> None:
        """Write lines, and take out each that is written; before one that does not fit, rotate.

        Raises:
            OSError: the disk takes no more; the lines that are left were not written.
        """
        with self.lock():
            fd = self.follow_path()  # another process may have rotated
            while lines:
                used = os.fstat(fd).st_size
                if used and used + len(lines[0]) > self.max_bytes:
                    self.rotate()
                    fd = self.follow_path()
                write_whole(fd, lines[0])
                lines.popleft()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Wait until no other process writes; the system lets go of the lock of one that is killed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f"{self.path.name}.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def rotate(self) -> None:
        """Make the file the newest of the old ones."""
        self.compress()  # what an error has left
        self.shift()
        self.path.rename(self.uncompressed)
        self.compress()

    def shift(self) -> None:
        """Give each old file the next number; the last one falls off, unless a number before it is free."""
        numbers = range(1, self.backups + 1)
        free = next((number for number in numbers if not self.backup(number).exists()), self.backups)
        for number in range(free, 1, -1):
            self.backup(number - 1).replace(self.backup(number))

    def compress(self) -> None:
        """Compress the old file that is not compressed yet, if there is one.

        It can be killed at any moment and done again: `app.log.1.gz` is whole as soon as it has this name.
        """
        if not self.uncompressed.exists():
            return
        part = self.path.with_name(f"{self.path.name}.1.gz.part")
        with self.uncompressed.open("rb") as source, gzip.open(part, "wb", compresslevel=6) as target:
            shutil.copyfileobj(source, target)
        part.replace(self.backup(1))
        self.uncompressed.unlink()

    def prune(self) -> None:
        """Remove old files with numbers beyond those that are kept: there may have been more of them once."""
        numbered = re.compile(re.escape(self.path.name) + r"\.([0-9]+)\.gz")
        for old in self.path.parent.iterdir():
            if (found := numbered.fullmatch(old.name)) and int(found[1]) > self.backups:
                old.unlink()

    def backup(self, number: int) -> Path:
        """Return the path of an old file."""
        return self.path.with_name(f"{self.path.name}.{number}.gz")
