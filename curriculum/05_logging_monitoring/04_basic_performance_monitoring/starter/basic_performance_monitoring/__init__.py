"""A small shop that measures itself: metrics for Prometheus, alerts, and a list of its slowest routes."""
