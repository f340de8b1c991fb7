"""Sticky notes in SQLite, with SQL written by hand."""
