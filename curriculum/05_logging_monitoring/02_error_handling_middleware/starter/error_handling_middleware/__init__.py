"""A small shop in which everything can fail, and one middleware that answers and logs each failure."""
