"""Sticky notes in the event loop, with an await at the wrong place."""
