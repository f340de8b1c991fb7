"""The rules of the tasks; they know no HTTP, so that a nightly job, say, can keep them as well.

Each function takes a session and does one thing; what it does not find, it raises as an error from `errors.py`.
"""

from datetime import datetime

from shared.database import utc_now

from .settings import settings


def now() -> datetime:
    """Return the present time in UTC, or the one that the settings put in its place."""
    return settings.tracker_now or utc_now()
