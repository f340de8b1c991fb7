"""Reads and writes an app's files where the app runs, with its rights, whatever it has put there."""

import errno
import os
import shutil
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

FILE_SECONDS = 5.0
"""How long the other side may take to send or to take a file's content."""
DRAINED_BYTES = 1 << 20
"""More than a FIFO takes."""
WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def serve_file(job: dict[str, Any], fd: int) -> None:
    """Do what is asked with a file of an app's: nothing is followed or waited for, whatever the app has put there.

    Args:
        job: `file`, which is `names` (of all files below a folder, sorted, each after a NUL), `read`,
            `write`, `replace` (write a new file, and give it the old one's name), `link` (whose content is the
            target), `clog` (see `open_clogged`), `drain` (see there) or `remove`; and `path`.
        fd: descriptor of a socket: the content comes from there, or goes there; then it closes.
    """
    path = Path(job["path"])
    new = path.with_name(f"{path.name}.new")
    with socket.socket(fileno=fd) as channel, suppress(OSError, RecursionError):
        channel.settimeout(FILE_SECONDS)
        if job["file"] == "names":
            places = [(place, name) for place, _, names in os.walk(path) for name in names]
            found = [os.path.relpath(os.path.join(*place), path) for place in places]  # noqa: PTH118
            channel.sendall(b"".join(b"\0" + os.fsencode(name) for name in sorted(found)))
        elif job["file"] == "read":
            with open_plainly(path, os.O_RDONLY) as file:
                channel.sendfile(file)
        elif job["file"] == "drain":
            channel.sendall(drain(path))
        elif job["file"] == "remove" and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif job["file"] == "remove":
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            target = new if job["file"] == "replace" else path
            with channel.makefile("rb") as content:
                if job["file"] == "link":
                    path.symlink_to(os.fsdecode(content.read()))
                elif job["file"] == "clog":
                    open_clogged(path)
                else:
                    with open_plainly(target, WRITE_FLAGS) as file:
                        shutil.copyfileobj(content, file)
            if target is new:
                new.replace(path)
            channel.sendall(b"done")


def open_clogged(path: Path) -> int:
    """Make a FIFO that takes what a pipe does (Linux: 64 KiB), and then no more, since nobody reads from it.

    Returns:
        the descriptor that keeps it open; in the zygote of a cell, until that ends.
    """
    os.mkfifo(path, 0o666)
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def drain(path: Path) -> bytes:
    """Return what writers have put into a FIFO until now, so that it takes as much again; nothing is waited for.

    Raises:
        OSError: it is no FIFO.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISFIFO(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        with suppress(BlockingIOError):  # there are writers, and nothing is there
            return os.read(fd, DRAINED_BYTES)
        return b""
    finally:
        os.close(fd)


def open_plainly(path: Path, flags: int) -> BinaryIO:
    """Open a regular file.

    Raises:
        OSError: it is a link, or no regular file.
    """
    fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return os.fdopen(fd, "rb" if flags == os.O_RDONLY else "wb")
