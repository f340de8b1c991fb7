"""A small shop whose customers and orders are gone for good when somebody deletes them."""
