"""The products of a small shop, kept in memory; all responses have one shape."""
