"""The queue handler and listener of the standard library, and a handler that takes turns with other processes."""

import fcntl
import gzip
import logging
import os
import shutil
import sys
from logging.handlers import QueueHandler, QueueListener
from queue import Full, Queue
from threading import Lock

import structlog
from structlog.stdlib import ProcessorFormatter

from .settings import settings


class Counter:
    """What was lost, counted by several threads."""

    def __init__(self):
        self.lock = Lock()
        self.value = 0

    def add(self, number):
        """Add to it."""
        with self.lock:
            self.value += number


class LineQueue(QueueHandler):
    """Puts finished lines into the queue."""

    def __init__(self, queue, lost):
        super().__init__(queue)
        self.lost = lost

    def prepare(self, record):
        """Return the line."""
        return self.format(record)

    def enqueue(self, record):
        """Put it into the queue, or count it."""
        try:
            self.queue.put_nowait(record)
        except Full:
            self.lost.add(1)


class SharedFile(logging.Handler):
    """Writes each line where `app.log` is at that moment, with a lock on the folder's lock file."""

    def __init__(self, lost):
        super().__init__()
        self.lost = lost
        self.path = settings.log_dir / "app.log"
        self.rotates = settings.log_rotation == "own"
        self.broken = False

    def emit(self, record):
        """Write a line."""
        if record == "":
            return
        try:
            settings.log_dir.mkdir(parents=True, exist_ok=True)
            with (settings.log_dir / ".app.lock").open("a") as lock:
                if self.rotates:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    self.clean_up()
                lost = self.lost.value
                if lost:
                    line = {
                        "event": "lines lost",
                        "level": "warning",
                        "lost": lost,
                        "request_id": None,
                        "user": None,
                    }
                    self.write(render(line))
                    self.lost.add(-lost)
                self.write(record)
            self.broken = False
        except OSError as error:
            self.lost.add(1)
            if not self.broken:
                print(f"{self.path}: no line can be written ({error})", file=sys.stderr)
            self.broken = True

    def write(self, line):
        """Write a line, and rotate before it if need be."""
        content = line.encode() + b"\n"
        if self.rotates and self.path.exists():
            size = self.path.stat().st_size
            if size and size + len(content) > settings.log_max_bytes:
                self.move_old_files()
                self.path.rename(f"{self.path}.1")
                self.clean_up()
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, content)
        finally:
            os.close(file)

    def move_old_files(self):
        """Leave room for a new number 1."""
        last = 1
        while last < settings.log_backups and os.path.exists(f"{self.path}.{last}.gz"):  # noqa: PTH110
            last += 1
        for number in range(last, 1, -1):
            os.rename(f"{self.path}.{number - 1}.gz", f"{self.path}.{number}.gz")  # noqa: PTH104

    def clean_up(self):
        """Compress what is not compressed, and remove what is too much."""
        plain = self.path.with_name("app.log.1")
        if plain.exists():
            with plain.open("rb") as source, gzip.open(f"{plain}.tmp", "wb", 4) as target:
                shutil.copyfileobj(source, target)
            os.rename(f"{plain}.tmp", f"{plain}.gz")  # noqa: PTH104
            plain.unlink()
        for name in os.listdir(settings.log_dir) if not self.broken else []:  # noqa: PTH208
            middle = name.removeprefix("app.log.").removesuffix(".gz")
            if name == f"app.log.{middle}.gz" and middle.isdecimal() and int(middle) > settings.log_backups:
                (settings.log_dir / name).unlink()


def render(event):
    """Return a line of ours."""
    for processor in (structlog.processors.TimeStamper("iso", utc=True), structlog.processors.JSONRenderer()):
        event = processor(None, "", event)
    return event


def with_context(_logger, _method, event):
    """Add the context, which is empty outside of a request."""
    return {"request_id": None, "user": None} | structlog.contextvars.get_contextvars() | event


def formatter(*last):
    """Return a formatter that ends with these processors."""
    return ProcessorFormatter(
        processors=[
            ProcessorFormatter.remove_processors_meta,
            with_context,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            *last,
        ]
    )


def set_up():
    """Configure all loggers, and return the listener."""
    lost = Counter()
    queue = Queue(settings.log_queue_lines)
    to_queue = LineQueue(queue, lost)
    to_queue.setFormatter(
        formatter(structlog.processors.format_exc_info, structlog.processors.JSONRenderer())
    )
    handlers = [to_queue]
    if settings.app_env == "development":
        console = logging.StreamHandler(sys.stdout)
        console.setFormatter(
            formatter(structlog.processors.format_exc_info, structlog.processors.LogfmtRenderer())
        )
        handlers.append(console)
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    structlog.configure(
        processors=[ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    for name in ("uvicorn", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name == "uvicorn"
    return QueueListener(queue, SharedFile(lost))
