"""The command `ladder`, also as `python -m ladder`."""

import os
import sys

from ladder.sandbox import bubblewrap as sandbox
from ladder.serving import warm

NEED_SERVERS = {"check", "hint", "verify", "watch"}
HAVE_OTHERS = {"--help", "--python", "--url"}
"""The words with which a command uses nothing that is started early."""


def main() -> None:
    """Run the command; what takes long to warm up is started before the rest is imported."""
    words = {part for word in sys.argv for part in word.split("=")}
    command = sys.argv[1] if sys.argv[1:] else ""
    if hasattr(os, "fork") and not words & HAVE_OTHERS:
        if command in NEED_SERVERS or (
            command == "grade" and "process" in words
        ):  # which is without a sandbox
            warm.start_early()
        elif command == "grade":
            sandbox.start_early()
    from ladder.commands import cli  # noqa: PLC0415 - it takes a quarter of a second

    cli.main()


if __name__ == "__main__":
    main()
