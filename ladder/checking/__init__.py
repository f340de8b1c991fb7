"""Runs acceptance tests, and reports."""
