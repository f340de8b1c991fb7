"""How lines are logged: whoever logs, one line of JSON on standard output. It is to become a file."""

import logging
import sys

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import Processor

PROCESSORS: list[Processor] = [
    ProcessorFormatter.remove_processors_meta,
    structlog.processors.format_exc_info,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.JSONRenderer(),
]


def configure_logging() -> None:
    """Let structlog, the standard library and uvicorn log in the same way."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(ProcessorFormatter(processors=PROCESSORS))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
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
