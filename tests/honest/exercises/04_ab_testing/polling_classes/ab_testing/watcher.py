"""The file on the disk, and the experiments that were last good in it."""

import asyncio
import logging
from pathlib import Path

from pydantic import ValidationError

from .experiments import Experiments

logger = logging.getLogger(__name__)


class ConfigurationError(Exception):
    """The file cannot be read, or what it holds is not valid."""


class ExperimentsFile:
    """Follows a file.

    Args:
        path: the file.

    Raises:
        ConfigurationError: the file is not valid at the start.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content = self._read()
        self.experiments = self._parse(self._content)

    async def follow(self, interval: float = 0.1) -> None:
        """Look at the file again and again, until the task is cancelled."""
        while True:
            await asyncio.sleep(interval)
            self.reload()

    def reload(self) -> None:
        """Take the file if it has changed and is valid; log what is wrong with it otherwise, and only once."""
        content = self._read()
        if content == self._content:
            return
        self._content = content
        try:
            self.experiments = self._parse(content)
        except ConfigurationError as error:
            logger.warning("Refused a change of the experiments. %s", error)

    def _read(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except OSError:
            return None

    def _parse(self, content: bytes | None) -> Experiments:
        if content is None:
            raise ConfigurationError(f"{self.path}: there is no such file, or it cannot be read.")
        try:
            return Experiments.model_validate_json(content)
        except ValidationError as error:
            raise ConfigurationError(f"{self.path}: {error}") from error
