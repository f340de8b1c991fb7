"""Enriches companies with data, one job in the background for each request."""
