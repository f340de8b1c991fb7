"""Templates: processes that have imported an app, and are forked for each of its fresh servers.

The import is most of a start: up to 200 ms where there is a database. It is made anew for whatever does not start
fresh (with files, or after another process), and for an app whose import leaves anything behind, such as a file.
"""

import socket
from collections import Counter
from collections.abc import Callable

IMPORT_LIMIT = 2.0
"""Seconds after which an import is waited for no longer: it may wait for something itself."""
MOST_TEMPLATES = 8


class Template:
    """One such process.

    Args:
        begin: asks for it, with descriptors of its control socket and of its lifeline; what it raises goes on.

    Attributes:
        ready: whether servers can be forked from it.
    """

    def __init__(self, begin: Callable[[int, int], None]) -> None:
        self.control, control = socket.socketpair()
        self.lifeline, lifeline = socket.socketpair()
        with control, lifeline:
            try:
                begin(control.fileno(), lifeline.fileno())
            except BaseException:
                self.close()
                raise
        self.control.settimeout(IMPORT_LIMIT)
        try:
            self.ready = self.control.recv(16) == b"ready"
        except OSError:
            self.ready = False
        self.control.settimeout(None)
        if not self.ready:
            self.close()  # or it might go on with its import

    def send(self, job: bytes, fds: list[int]) -> bool:
        """Have a server forked; says whether that could be asked for."""
        if not self.ready:
            return False
        try:
            socket.send_fds(self.control, [job], fds)
        except OSError:  # the app has ended it
            self.ready = False
        return self.ready

    def close(self) -> None:
        """End it, and the servers that were forked from it."""
        self.ready = False
        self.control.close()
        self.lifeline.close()


class Templates:
    """The templates of one app: one for each working directory and environment that comes again."""

    def __init__(self) -> None:
        self.starts: Counter[str] = Counter()
        self.made: dict[str, Template] = {}

    def find(self, job: str, make: Callable[[], Template], *, comes_again: bool) -> Template | None:
        """Return the template for a job, which is made once the job is sure to come again; `None` if there is none.

        One that is given for the first time may turn out not to be ready; afterwards, it is not given again.

        Args:
            job: all that a server is started with.
            make: makes a template for it.
            comes_again: whether it will come again; a job that comes for the second time is taken for such a one.
        """
        self.starts[job] += 1
        if (comes_again or self.starts[job] > 1) and job not in self.made and len(self.made) < MOST_TEMPLATES:
            self.made[job] = make()
            return self.made[job]
        template = self.made.get(job)
        return template if template is not None and template.ready else None

    def close(self) -> None:
        """End all of them."""
        for template in self.made.values():
            template.close()
