"""The shop's metrics, and what they say of its routes: yours to write."""

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
