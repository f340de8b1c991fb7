"""Uploads, in another style."""
