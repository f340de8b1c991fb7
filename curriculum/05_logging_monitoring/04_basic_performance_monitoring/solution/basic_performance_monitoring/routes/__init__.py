"""The paths of the shop, one module for each noun."""
