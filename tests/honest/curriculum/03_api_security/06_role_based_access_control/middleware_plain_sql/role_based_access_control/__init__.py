"""The shop in plain SQL, with an ASGI middleware in front of it."""
