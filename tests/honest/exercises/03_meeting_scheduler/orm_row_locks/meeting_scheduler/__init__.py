"""A meeting scheduler with an ORM, a repository and row locks."""
