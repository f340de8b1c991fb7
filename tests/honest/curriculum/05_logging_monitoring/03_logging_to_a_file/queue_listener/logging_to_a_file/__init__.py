"""The products and orders of a small shop, with a log of what happens to them in files; kept in memory."""
