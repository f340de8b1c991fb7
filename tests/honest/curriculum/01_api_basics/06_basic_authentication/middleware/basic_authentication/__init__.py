"""Users who are told apart by a middleware."""
