"""The users of a small shop, who log in with HTTP Basic; kept in memory."""
