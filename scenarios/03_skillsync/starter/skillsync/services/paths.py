"""The rules of learning paths."""
