"""The products and customers of a small shop, kept in memory; whatever is wrong with a request is told."""
