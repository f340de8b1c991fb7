"""Keeps a server program running, or a folder, for as long as whoever started it lives; then removes the folder.

It runs as `python -P keeper.py PLAN`, with the plan as JSON; the other sides are `ladder.services.program` and
`ladder.sandbox.bubblewrap`. Its standard input is a lifeline: when that closes, because the other side has ended in
whatever way, the program is ended too.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

FAREWELL_SECONDS = 5.0
PREPARED = b"prepared\n"
"""Is the last that is printed where there is no program."""


def keep(plan: dict[str, Any]) -> int:
    """Run the program until it ends, or the lifeline closes.

    Args:
        plan: `prepare`, a command to run before (or `null`); `command` (or `null`: only the folder is kept); `stop`,
            the number of the signal that ends the program quickly; `account`, the user and group to run both as (or
            `null`: our own); `remove`, the folder; `descriptors`, those that the program gets.

    Returns:
        the program's exit status.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other side
    account = plan["account"]
    as_whom: dict[str, Any] = {}
    if account is not None:
        as_whom = {"user": account, "group": account, "extra_groups": []}
    try:
        if plan["prepare"] is not None:
            prepared = subprocess.run(plan["prepare"], stdin=subprocess.DEVNULL, check=False, **as_whom)
            if prepared.returncode != 0:
                return prepared.returncode
        if plan["command"] is None:
            os.write(1, PREPARED)
            os.close(1)
            sys.stdin.buffer.read()
            return 0
        descriptors = plan["descriptors"]
        program = subprocess.Popen(
            plan["command"], stdin=subprocess.DEVNULL, pass_fds=descriptors, process_group=0, **as_whom
        )
        for descriptor in descriptors:
            os.close(descriptor)
        threading.Thread(target=end_with_lifeline, args=(program, plan["stop"]), daemon=True).start()
        status = program.wait()
        # Ended in its first moments, bwrap leaves a child behind that waits for it for ever.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
        return status
    except OSError as error:
        sys.exit(f"It cannot be run: {error}")
    finally:
        shutil.rmtree(plan["remove"], ignore_errors=True)


def end_with_lifeline(program: subprocess.Popen[bytes], stop: int) -> None:
    """Wait for the end of the other side, and end the program."""
    sys.stdin.buffer.read()
    program.send_signal(stop)
    try:
        program.wait(FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(keep(json.loads(sys.argv[1])))
