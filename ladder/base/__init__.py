"""What every other package builds on, and what imports none of them."""

from pathlib import Path

KEEPER = Path(__file__).with_name("keeper.py")
