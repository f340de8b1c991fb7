"""The one exception that users meet."""


class LadderError(Exception):
    """Something that the user can mend: the message says what happened, where, and what to do next.

    The commands print the message alone, without a traceback, and exit with status 2.
    """


class SandboxError(LadderError):
    """There can be no sandbox here. The message says why, and how to mend it."""


class AppFaultError(LadderError):
    """The app that is judged cannot be run at all, and it is the app's own fault."""


class ShortMemoryError(LadderError):
    """The machine had no memory left, so that a submission had to be ended; it may have been another's fault."""

    def __init__(self) -> None:
        super().__init__(
            "The machine ran short of memory, and the submission was ended. Grade it again with --resume, on a machine "
            "with more memory or with fewer at once (--jobs 1)."
        )
