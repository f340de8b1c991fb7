"""Digital sticky notes, kept in a database."""
