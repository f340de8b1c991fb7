"""The products of a small shop, kept in memory."""
