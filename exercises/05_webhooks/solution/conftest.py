"""Lets the tests of this folder import the reference."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # as `uvicorn --app-dir` does
