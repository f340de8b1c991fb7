"""The blog of a small shop; whatever a client sends is validated once, and escaped where it becomes HTML."""
