"""Data to seed: the categories that every shop has, and, once you have written it, invented samples."""

CATEGORIES = {"books": "Books", "garden": "Garden", "kitchen": "Kitchen", "office": "Office", "toys": "Toys"}
"""The names by the slugs."""
