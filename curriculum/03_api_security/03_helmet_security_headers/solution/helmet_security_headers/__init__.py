"""The pages and the API of a small shop, and the headers that make browsers protect them."""
