"""Lets `python -m ladder` do what `ladder` does."""

from ladder.cli import main

main()
