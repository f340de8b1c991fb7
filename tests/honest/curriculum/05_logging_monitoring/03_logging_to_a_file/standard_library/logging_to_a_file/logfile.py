"""Lines of the standard library's `logging`, in files: a queue, a thread, and a file that is opened for each batch."""

import fcntl
import gzip
import json
import logging
import os
import queue
import sys
import threading
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

WHO = ContextVar("WHO", default=(None, None))
BATCH = 100
END = object()


def settings():
    """Return what the environment says."""
    given = {
        "APP_ENV": "development",
        "LOG_DIR": "logs",
        "LOG_MAX_BYTES": "10000000",
        "LOG_BACKUPS": "5",
        "LOG_ROTATION": "own",
        "LOG_QUEUE_LINES": "10000",
    }
    return {name: os.environ.get(name, default) for name, default in given.items()}


def as_json(record):
    """Return a record as a line."""
    request_id, user = WHO.get()
    moment = datetime.fromtimestamp(record.created, UTC)
    line = {"timestamp": moment.isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
    line |= {"event": record.getMessage(), "request_id": request_id, "user": user}
    line |= getattr(record, "fields", {})
    if record.exc_info:
        line["exception"] = logging.Formatter().formatException(record.exc_info)
    return json.dumps(line, default=str, separators=(",", ":"), ensure_ascii=False) + "\n"


class ForPeople(logging.Formatter):
    """Writes a record as a text."""

    def format(self, record):
        """Return the text, in one line, and a traceback below it."""
        request_id, user = WHO.get()
        text = f"{record.levelname:8} {record.getMessage()} by {user} ({request_id}) {getattr(record, 'fields', '')}"
        return text + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


class Folder:
    """The folder of the log files.

    Args:
        path: of the folder.
        limit: how large a file may become; `None` if another program rotates.
        backups: how many old ones are kept.
    """

    def __init__(self, path, limit, backups):
        self.path, self.limit, self.backups = Path(path), limit, backups
        self.current = self.path / "app.log"
        self.rotating = self.path / "app.log.rotating"
        self.fresh = self.path / ".fresh.gz"

    def old(self, number):
        """Return the path of an old file."""
        return self.path / f"app.log.{number}.gz"

    def add(self, lines):
        """Write lines, with the lock in hand; return how many were written, and what went wrong."""
        written = 0
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with (self.path / ".lock").open("w") as lock:
                if self.limit is not None:
                    fcntl.lockf(lock, fcntl.LOCK_EX)
                    self.finish()
                while written < len(lines):
                    written += self.add_those_that_fit(lines[written:])
        except OSError as error:
            return written, error
        return written, None

    def add_those_that_fit(self, lines):
        """Write the first of these lines, at least one, and return how many."""
        with self.current.open("ab", buffering=0) as file:
            used = os.fstat(file.fileno()).st_size
            count, size = 0, 0
            for line in lines:
                if self.limit is not None and used + size and used + size + len(line) > self.limit:
                    break
                count, size = count + 1, size + len(line)
            content = b"".join(lines[:count])
            while content:
                content = content[file.write(content) :]
        if count < len(lines):
            self.current.rename(self.rotating)
            self.finish()
        return count

    def finish(self):
        """Make an old file of what was renamed, wherever an earlier attempt has stopped."""
        for path in self.path.glob("app.log.*.gz"):
            number = path.name[len("app.log.") : -len(".gz")]
            if number.isdecimal() and int(number) > self.backups:
                path.unlink()
        if not self.rotating.exists():
            return
        content = self.rotating.read_bytes()
        if not self.is_kept(content):
            self.fresh.write_bytes(gzip.compress(content, 5))
            number = 1
            while self.old(number).exists() and number < self.backups:
                number += 1
            for target in range(number, 1, -1):
                self.old(target - 1).replace(self.old(target))
            self.fresh.replace(self.old(1))
        self.rotating.unlink()

    def is_kept(self, content):
        """Return whether the newest old file holds this already."""
        return self.old(1).exists() and gzip.decompress(self.old(1).read_bytes()) == content


class ToFolder(logging.Handler):
    """Puts lines into a queue, which a thread empties into a folder."""

    def __init__(self, folder, size):
        super().__init__()
        self.folder = folder
        self.queue = queue.Queue(size)
        self.lost = 0
        self.counting = threading.Lock()
        self.is_quiet = False
        self.thread = threading.Thread(target=self.work, daemon=True)

    def emit(self, record):
        """Put the line of a record into the queue, if there is room."""
        try:
            self.queue.put_nowait(as_json(record).encode())
        except queue.Full:
            self.count(1)

    def count(self, lines):
        """Add to what was lost."""
        with self.counting:
            self.lost += lines

    def work(self):
        """Write until the end."""
        if self.folder.limit is not None:
            self.write([])
        ended = False
        while not ended:
            batch = [self.queue.get()]
            while len(batch) < min(BATCH, self.queue.maxsize) and not self.queue.empty():
                batch.append(self.queue.get())
            ended = END in batch
            self.write([line for line in batch if line is not END])

    def write(self, lines):
        """Write a batch, after what there is to say."""
        lost = self.lost
        if lost:
            fields = {"lost": lost}
            record = logging.makeLogRecord({"levelname": "WARNING", "msg": "lines lost", "fields": fields})
            lines.insert(0, as_json(record).encode())
        written, error = self.folder.add(lines)
        if lost and written:
            self.count(-lost)
        self.count(len(lines) - written - (1 if lost and not written else 0))
        if error is None:
            self.is_quiet = self.is_quiet and not lines
        elif not self.is_quiet:
            self.is_quiet = True
            sys.stderr.write(f"cannot write to {self.folder.current}: {error.strerror}\n")

    def stop(self):
        """Write what waits, for as long as there is time."""
        until = time.monotonic() + 4.5
        try:
            self.queue.put(END, timeout=4.5)
        except queue.Full:
            return
        self.thread.join(max(0, until - time.monotonic()))


def configure():
    """Let all loggers use the file, and return its handler."""
    given = settings()
    limit = int(given["LOG_MAX_BYTES"]) if given["LOG_ROTATION"] == "own" else None
    handler = ToFolder(
        Folder(given["LOG_DIR"], limit, int(given["LOG_BACKUPS"])), int(given["LOG_QUEUE_LINES"])
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    if given["APP_ENV"] == "development":
        console = logging.StreamHandler(sys.stdout)
        console.setFormatter(ForPeople())
        root.addHandler(console)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = name != "uvicorn.access"
    return handler
