"""Lets `pytest exercises/04_ab_testing/solution` import the package that stands beside this file."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # as `uvicorn --app-dir` does
