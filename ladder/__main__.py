"""The command `ladder`, also as `python -m ladder`."""

import gc
import os
import sys

from ladder import sandbox, warm

START_EARLY = {
    "check": warm.start_early,
    "grade": sandbox.start_early,
    "hint": warm.start_early,
    "verify": warm.start_early,
    "watch": warm.start_early,
}
HAVE_OTHERS = {"--help", "--python", "--url"}
UNPROTECTED = "process"
"""The word with which `grade` does without a sandbox."""


def main() -> None:
    """Run the command; what takes long to warm up is started before the rest is imported."""
    words = {part for word in sys.argv for part in word.split("=")}
    command = sys.argv[1] if sys.argv[1:] else ""
    if hasattr(os, "fork") and command in START_EARLY and not words & HAVE_OTHERS:
        start_early = warm.start_early if UNPROTECTED in words else START_EARLY[command]
        start_early()
    gc.disable()  # nothing of what is imported becomes garbage, and looking through it takes a sixth of the time
    from ladder import cli  # noqa: PLC0415 - it takes a quarter of a second

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
