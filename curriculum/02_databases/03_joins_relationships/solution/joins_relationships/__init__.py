"""Reports of the shop that join its tables."""
