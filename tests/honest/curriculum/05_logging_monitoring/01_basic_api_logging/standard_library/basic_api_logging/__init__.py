"""The orders of a small shop, with a log of what happens to them; kept in memory."""
