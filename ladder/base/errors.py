"""The one exception that users meet."""


class LadderError(Exception):
    """Something that the user can mend: the message says what happened, where, and what to do next.

    The commands print the message alone, without a traceback, and exit with status 2.
    """


class SandboxError(LadderError):
    """There can be no sandbox here. The message says why, and how to mend it."""


class AppFaultError(LadderError):
    """The app that is judged cannot be run at all, and it is the app's own fault."""
