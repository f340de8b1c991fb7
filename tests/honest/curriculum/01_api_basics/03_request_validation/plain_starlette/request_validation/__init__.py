"""The products and customers of a small shop, on bare requests and responses."""
