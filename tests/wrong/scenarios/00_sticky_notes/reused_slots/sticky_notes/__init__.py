"""Sticky notes in the slots of a list."""
