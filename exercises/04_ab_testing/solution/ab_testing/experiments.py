"""The file of the experiments: read at the start, and again for each request."""

import logging
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from .models import Experiment

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
        self.lock = Lock()

    def current(self) -> dict[str, Experiment]:
        """Return the experiments as they are now; log why a new version is not valid, and keep the one before.

        The content decides, not the time of the last change: a file may change twice within one tick of that
        clock, or be replaced by an older one. To read a small file takes some millionths of a second.
        """
        with self.lock:  # requests run in several threads, and one of them is enough to take a new version
            content = self.read()
            if content != self.content:
                self.content = content
                try:
                    self.experiments = self.parse(content)
                except ConfigurationError as error:
                    logger.error("The experiments stay as they were. %s", error)
            return self.experiments

    def read(self) -> bytes | None:
        """Return the content of the file, or `None` if it cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError:
            return None

    def parse(self, content: bytes | None) -> dict[str, Experiment]:
        """Return the experiments that the content describes, or raise `ConfigurationError`."""
        if content is None:
            raise ConfigurationError(f"{self.path} is missing, or cannot be read.")
        try:
            return configuration.validate_json(content)
        except ValidationError as error:
            raise ConfigurationError(f"{self.path}: {error}") from None
