"""How lines are logged: whoever logs, one line of JSON on standard output, redacted."""

import logging
import sys

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import EventDict, Processor

from .redaction import redact_fields


def redact_event(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Redact the fields of a line, the text of a traceback among them."""
    return redact_fields(event)


# The order counts: an exception is a text before it is redacted, and what we add ourselves comes after that.
PROCESSORS: list[Processor] = [
    ProcessorFormatter.remove_processors_meta,
    structlog.processors.format_exc_info,
    redact_event,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.JSONRenderer(),
]


def configure_logging(level: str) -> None:
    """Let structlog, the standard library and uvicorn log in the same way.

    Args:
        level: the least one that is logged, such as `INFO`.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(ProcessorFormatter(processors=PROCESSORS))
    handler.setLevel(level)  # for loggers with a level of their own, such as uvicorn's
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    uvicorn = logging.getLogger("uvicorn")
    uvicorn.handlers.clear()
    uvicorn.propagate = True
    # Our own line says more, and a raw URL would show the secrets in it.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
