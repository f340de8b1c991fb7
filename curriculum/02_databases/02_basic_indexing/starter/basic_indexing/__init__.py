"""A small shop whose tables have grown: five queries, which are right and slow."""
