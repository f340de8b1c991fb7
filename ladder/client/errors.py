"""What can go wrong with an answer, and how long one is waited for."""

from ladder.base.workers import crowding
from ladder.client.exchange import Exchange

ANSWER_LIMIT = 10.0
"""Seconds that an app may take to answer one request, on a machine that is not busy."""


def answer_limit() -> float:
    """Return the seconds that an app may take here and now: on a busy machine, everybody is late."""
    return ANSWER_LIMIT * crowding()


class BadAnswerError(Exception):
    """The app's answer cannot be read. The message says why."""

    exchange: Exchange | None = None


class NoAnswerError(Exception):
    """The app did not answer a request: it took too long, or it stopped. The message says which."""

    exchange: Exchange | None = None
