"""The same accounts with Starlette, sqlite3 and argon2-cffi."""
