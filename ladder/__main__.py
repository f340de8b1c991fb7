"""The command `ladder`, also as `python -m ladder`."""

import gc
import os
import sys

from ladder import warm

NEED_SERVERS = {"check", "hint", "verify", "watch"}
HAVE_OTHERS = {"--help", "--python", "--url"}


def main() -> None:
    """Run the command; what takes long to warm up is started before the rest is imported."""
    words = {word.partition("=")[0] for word in sys.argv}
    if hasattr(os, "fork") and sys.argv[1:2] and sys.argv[1] in NEED_SERVERS and not words & HAVE_OTHERS:
        warm.start_early()
    gc.disable()  # nothing of what is imported becomes garbage, and looking through it takes a sixth of the time
    from ladder import cli  # noqa: PLC0415 - it takes a quarter of a second

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
