"""The blog in plain Starlette, with sqlite3 and an allowlist over `html.parser` of the standard library."""
