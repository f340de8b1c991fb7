"""A small shop's customers, products and orders in PostgreSQL, whose schema keeps them right."""
