"""The paths, one module for each noun."""
