"""Sticky notes in memory, written to SQLite at the end."""
