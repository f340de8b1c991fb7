"""A small shop in PostgreSQL, and a command that fills its database."""
