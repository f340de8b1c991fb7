"""The customers' accounts of a small shop, and how their passwords are stored."""
