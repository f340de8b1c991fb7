"""A meeting scheduler: slots in PostgreSQL, each given away once."""
