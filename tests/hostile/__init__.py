"""Hostile and broken submissions, and whether grading them gives what it must: `python -m tests.hostile`."""
