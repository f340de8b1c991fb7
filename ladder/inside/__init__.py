"""Programs that run on the app's side: of the standard library only."""

from pathlib import Path

FOLDER = Path(__file__).parent
