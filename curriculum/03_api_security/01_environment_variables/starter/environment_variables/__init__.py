"""The settings of a small shop, its secrets among them, which come from the environment."""
