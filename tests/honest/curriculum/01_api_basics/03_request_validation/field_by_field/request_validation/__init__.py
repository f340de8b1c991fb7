"""The products and customers of a small shop: each field has a pydantic type of its own, and no model."""
