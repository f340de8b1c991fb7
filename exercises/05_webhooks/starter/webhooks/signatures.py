"""Signatures as the CRM makes them: bytes in, bytes out, and no HTTP."""
