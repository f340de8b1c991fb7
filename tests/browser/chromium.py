"""Chromium without a window, and servers for it to visit."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ladder.base.waiting import comes_true
from ladder.client.errors import NoAnswerError
from ladder.client.http import Address

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PAGE_SECONDS = 60
"""How long a page may take; in it, time passes for `BUDGET` milliseconds."""
BUDGET = 5_000
START_SECONDS = 30


@dataclass(frozen=True)
class Seen:
    """What became of a page.

    Attributes:
        document: its elements, as HTML, after its scripts have run.
        console: what Chromium says about it.
    """

    document: str
    console: str


@dataclass(frozen=True)
class Chromium:
    """A browser that begins anew with each page.

    Args:
        program: its path.
        pictures: the folder for a picture of each page.
        options: more words of its command line.
    """

    program: str
    pictures: Path
    options: tuple[str, ...] = ()

    def visit(self, url: str, name: str) -> Seen:
        """Open a page, let its scripts run, and take a picture of it.

        Args:
            url: of the page.
            name: of the picture.
        """
        picture = self.pictures / f"{name}.png"
        self.run(f"--screenshot={picture}", "--window-size=900,600", url)
        ran = self.run("--dump-dom", "--enable-logging=stderr", url)
        return Seen(ran.stdout, ran.stderr)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run it with a profile of its own."""
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        with tempfile.TemporaryDirectory() as profile:
            return subprocess.run(
                [
                    *(self.program, "--headless", *sandbox, f"--user-data-dir={profile}"),
                    *(f"--virtual-time-budget={BUDGET}", "--disable-gpu", *self.options, *words),
                ],
                capture_output=True,
                check=True,
                text=True,
                timeout=PAGE_SECONDS,
            )


def find_chromium() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def free_port() -> int:
    """Return a port on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def served_app(folder: Path, package: str, port: int, settings: Mapping[str, str]) -> Iterator[str]:
    """Run an app with plain uvicorn, and give its origin.

    Args:
        folder: that holds the package.
        package: whose `main:app` is run.
        port: where it listens.
        settings: for its environment.
    """
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", f"{package}.main:app", "--port", str(port)]
    quiet = ["--log-level", "critical"]
    with tempfile.TemporaryDirectory() as place:
        process = subprocess.Popen(
            [*command, "--app-dir", str(folder), *quiet], cwd=place, env={**os.environ, **settings}
        )
        try:
            wait_for(origin)
            yield origin
        finally:
            process.terminate()
            process.wait()


def wait_for(origin: str) -> None:
    """Wait until a server answers.

    Raises:
        TimeoutError: it does not.
    """
    if not comes_true(lambda: answers(origin), START_SECONDS):
        raise TimeoutError(f"{origin} does not answer.")


def answers(origin: str) -> bool:
    """Return whether a server answers."""
    with contextlib.suppress(NoAnswerError), Address(url=origin).open_client() as client:
        client.get("/openapi.json")
        return True
    return False


class QuietHandler(SimpleHTTPRequestHandler):
    """Sends files, and says nothing about it."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served_files(folder: Path, secret: Path | None = None) -> Iterator[int]:
    """Send the files of a folder, and give the port.

    Args:
        folder: the files.
        secret: a file with a key and a certificate; with it, the server speaks TLS.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    if secret is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(secret)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
