"""A small shop whose tables have grown: five queries, and the indexes that they need."""
