"""Sticky notes, kept by an object of a class."""
