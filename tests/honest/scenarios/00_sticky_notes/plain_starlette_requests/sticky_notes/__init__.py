"""Sticky notes without models: requests are read by hand."""
