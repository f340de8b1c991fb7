"""Webhooks of the CRM, received only if they are signed."""
