"""Grades a class."""
