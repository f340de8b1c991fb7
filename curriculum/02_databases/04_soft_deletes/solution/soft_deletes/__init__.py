"""A small shop whose customers and orders are deleted softly: the rows stay, and can be restored."""
