"""The file that takes the lines, wherever another program moves it."""

import errno
import os
from collections import deque
from pathlib import Path


class LogFile:
    """A file that lines are added to. Whoever moves it away (logrotate, say) finds the next lines in a new one.

    Args:
        path: of the file; its folder is made when the first line is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = None

    def recover(self) -> None:
        """Prepare the folder before the first line, which is for subclasses to do."""

    def append(self, lines: deque[bytes]) -> None:
        """Write lines, and take out each that is written.

        Raises:
            OSError: the file takes no more; the lines that are left were not written.
        """
        fd = self.follow_path()
        while lines:
            write_whole(fd, lines[0])
            lines.popleft()

    def follow_path(self) -> int:
        """Open what is at the path now, if it is not open already; a file that was moved keeps its descriptor.

        Returns:
            the descriptor.
        """
        if self.fd is not None and not is_open_at(self.fd, self.path):
            self.close()
        if self.fd is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Each write goes to the end, wherever other processes have moved that (open(2), O_APPEND).
            self.fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        return self.fd

    def close(self) -> None:
        """Let go of the file."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None


def is_open_at(fd: int, path: Path) -> bool:
    """Return whether a descriptor is that of the file which has this path at the moment."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def write_whole(fd: int, line: bytes) -> None:
    """Write a line, or nothing of it.

    Raises:
        OSError: there is no room for it; a disk that becomes full has taken a part, which is removed again.
    """
    size = os.fstat(fd).st_size
    if os.write(fd, line) < len(line):
        os.ftruncate(fd, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
