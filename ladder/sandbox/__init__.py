"""Runs the apps of strangers."""
