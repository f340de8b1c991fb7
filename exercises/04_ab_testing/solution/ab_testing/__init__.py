"""A/B tests that a file configures: who gets which variant, without remembering anybody."""
