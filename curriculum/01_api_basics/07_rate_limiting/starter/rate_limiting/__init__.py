"""The products of a small shop, which nobody asks for more often than a limit allows."""
