"""The file of the experiments: read at the start, and again whenever its content changes."""

import logging
from pathlib import Path
from threading import Lock
from time import monotonic

from pydantic import TypeAdapter, ValidationError

from .models import Experiment

MAX_AGE_SECONDS = 0.1
"""How long ago the file may have been read when a request is answered."""

logger = logging.getLogger(__name__)
configuration = TypeAdapter(dict[str, Experiment])


class ConfigurationError(Exception):
    """The configuration is not valid; the message names the file and, where one is at fault, the experiment."""


class ExperimentsFile:
    """The experiments of a file: always those of its last valid version.

    Args:
        path: the file.

    Raises:
        ConfigurationError: the file is not valid, and there is no earlier version to keep.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = self.read()
        self.experiments = self.parse(self.content)
        self.problem: str | None = None
        self.read_at = monotonic()
        self.lock = Lock()

    def current(self) -> dict[str, Experiment]:
        """Return the experiments as they are now; read the file for that, unless it was read a moment ago."""
        with self.lock:  # requests run in several threads, and one of them is enough to take a new version
            if monotonic() - self.read_at >= MAX_AGE_SECONDS:
                self.reload()
            return self.experiments

    def reload(self) -> None:
        """Take the file's new version, or log why it is not valid: once, not at each look.

        The content decides, not the time of the last change: a file may change twice within one tick of that
        clock, or be replaced by an older one.
        """
        try:
            content = self.read()
            if content != self.content:
                self.experiments = self.parse(content)
                self.content = content
            self.problem = None
        except ConfigurationError as error:
            if str(error) != self.problem:
                self.problem = str(error)
                logger.error("The experiments stay as they were. %s", error)
        self.read_at = monotonic()

    def read(self) -> bytes:
        """Return the content of the file, or raise `ConfigurationError`."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{self.path}: {error.strerror}") from None

    def parse(self, content: bytes) -> dict[str, Experiment]:
        """Return the experiments that the content describes, or raise `ConfigurationError`."""
        try:
            return configuration.validate_json(content)
        except ValidationError as error:
            faults = [": ".join(map(str, (*fault["loc"], fault["msg"]))) for fault in error.errors()]
            raise ConfigurationError(f"{self.path}: {'; '.join(faults)}") from None
