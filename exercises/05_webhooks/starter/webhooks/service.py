"""Signatures as the CRM makes them: from bytes to bytes, and no HTTP."""
