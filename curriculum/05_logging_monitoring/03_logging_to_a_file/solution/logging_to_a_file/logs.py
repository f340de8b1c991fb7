"""How lines are logged: JSON in the file, whoever logs; in development, readable on the console as well."""

import logging
import sys

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import EventDict, Processor

from .files import LogFile
from .rotation import RotatingLogFile
from .settings import Settings
from .writer import LogWriter


def add_context(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Add the request and the user that a line is about; both are empty outside of requests."""
    return {"request_id": None, "user": None, **structlog.contextvars.get_contextvars(), **event}


COMMON: list[Processor] = [
    ProcessorFormatter.remove_processors_meta,
    add_context,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
FOR_PROGRAMS: list[Processor] = [
    *COMMON,
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(),
]
FOR_PEOPLE: list[Processor] = [
    *COMMON,
    structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
    ),
]


class QueueHandler(logging.Handler):
    """Writes a line where it is logged, as everything is at that moment, and leaves it to another thread.

    Args:
        writer: takes the line.
    """

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self.writer = writer
        self.setFormatter(ProcessorFormatter(processors=FOR_PROGRAMS))

    def emit(self, record: logging.LogRecord) -> None:
        """Take what was logged."""
        try:
            self.writer.put(self.format(record).encode() + b"\n")
        except Exception:
            self.handleError(record)  # what cannot be logged breaks no request


def open_log_file(settings: Settings) -> LogFile:
    """Return the file of the settings: either it rotates itself, or another program does that."""
    path = settings.log_dir / "app.log"
    if settings.log_rotation == "external":
        return LogFile(path)
    return RotatingLogFile(path, settings.log_max_bytes, settings.log_backups)


def configure_logging(settings: Settings) -> LogWriter:
    """Let structlog, the standard library and uvicorn log in the same way.

    Returns:
        what writes the lines, once it is started.
    """
    writer = LogWriter(open_log_file(settings), settings.log_queue_lines)
    handlers: list[logging.Handler] = [QueueHandler(writer)]
    if settings.app_env == "development":
        console = logging.StreamHandler(sys.stdout)
        console.setFormatter(ProcessorFormatter(processors=FOR_PEOPLE))
        handlers.append(console)
    logging.basicConfig(handlers=handlers, level=logging.INFO, force=True)
    structlog.configure(
        processors=[ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    uvicorn = logging.getLogger("uvicorn")
    uvicorn.handlers.clear()
    uvicorn.propagate = True
    # Our own line says more.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    return writer
