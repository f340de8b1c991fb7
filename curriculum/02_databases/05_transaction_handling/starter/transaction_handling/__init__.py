"""A small shop's credit accounts in PostgreSQL, between which no money moves yet."""
