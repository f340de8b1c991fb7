"""One server process, forked from the warm one or begun by itself."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Protocol

from ladder.client.http import Address

CPU_LIMIT = 2.0
"""Seconds that the zygote may take to tell a CPU time."""
CPU_TIME = re.compile(rb"(\d{1,18})ns")
EXIT_STATUS = re.compile(r"-?\d{1,3}")


class Process(Protocol):
    """One started server process."""

    address: Address

    def send_signal(self, number: int) -> None:
        """Send a signal to the process and to what it started."""

    def wait(self, seconds: float) -> int | None:
        """Return the exit status (negative: the signal that ended it), or `None` when it still runs after `seconds`."""

    def cpu_seconds(self) -> float:
        """Return the CPU time that the process has used, or the time that has passed where the system does not tell."""

    def close(self) -> None:
        """End the process at once."""


class ForkedProcess:
    """A child of the zygote, held by its lifeline."""

    def __init__(self, address: Address, lifeline: socket.socket) -> None:
        self.address = address
        self.lifeline = lifeline
        self.status: int | None = None
        self.refused = False  # by a limit on processes

    def send_signal(self, number: int) -> None:
        """Ask the zygote to pass a signal on."""
        with suppress(OSError):
            self.lifeline.send(bytes([number]))

    def wait(self, seconds: float) -> int | None:
        """Wait for the zygote's word that the child has ended."""
        if self.status is None:
            with suppress(OSError):  # a timeout, or a lifeline that we closed
                self.lifeline.settimeout(seconds)
                word = self.lifeline.recv(16).decode("ascii", errors="replace")
                self.status = int(word) if EXIT_STATUS.fullmatch(word) else -signal.SIGKILL
                self.refused = word == "limit"
        return self.status

    def cpu_seconds(self) -> float:
        """Ask the zygote for the CPU time of the child."""
        self.send_signal(0)
        words = b""
        with suppress(OSError):
            self.lifeline.settimeout(CPU_LIMIT)
            while not words.endswith(b"ns") and (part := self.lifeline.recv(32)) and len(words) < 32:
                words += part
        found = CPU_TIME.fullmatch(words)
        return int(found[1]) / 1e9 if found else time.perf_counter()

    def close(self) -> None:
        """Let go of the lifeline, which ends the child."""
        self.lifeline.close()


class PlainProcess:
    """A `python -m uvicorn` of its own, on a loopback port."""

    def __init__(self, address: Address, process: subprocess.Popen[bytes]) -> None:
        self.address = address
        self.process = process

    def send_signal(self, number: int) -> None:
        """Send a signal to the process's group, or to the process where there are no groups."""
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self.process.terminate()
            else:
                os.killpg(self.process.pid, number)

    def wait(self, seconds: float) -> int | None:
        """Wait for the process to end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def cpu_seconds(self) -> float:
        """Return the time that has passed."""
        return time.perf_counter()

    def close(self) -> None:
        """Kill the process."""
        self.send_signal(9)
        self.process.wait()
