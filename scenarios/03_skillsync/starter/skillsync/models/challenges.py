"""The shapes of a challenge, what it is found by, and its completions."""
