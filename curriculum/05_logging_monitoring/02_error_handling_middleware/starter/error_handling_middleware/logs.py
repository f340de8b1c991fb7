"""How lines are logged: each is a JSON object on standard output."""

import structlog
from structlog.typing import EventDict, WrappedLogger


def name_severity(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Add the severity: `log.error(…)` logs with `ERROR`."""
    return {"severity": method.upper(), **event}


structlog.configure(
    processors=[
        name_severity,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ]
)

log = structlog.get_logger()
