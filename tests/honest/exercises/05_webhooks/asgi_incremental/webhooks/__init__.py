"""Signed webhooks: the signature is computed while the body arrives, and no body is kept."""
