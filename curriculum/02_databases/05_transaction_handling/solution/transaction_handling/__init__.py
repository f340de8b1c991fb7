"""A small shop's credit accounts in PostgreSQL, between which money moves as a whole or not at all."""
