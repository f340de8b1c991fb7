"""The products of a small shop, kept in memory; lists of them are not cached yet."""
