"""Sticky notes in a list, and all functions in the event loop."""
