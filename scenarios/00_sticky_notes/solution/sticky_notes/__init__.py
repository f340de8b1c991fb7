"""Digital sticky notes, kept in memory."""
