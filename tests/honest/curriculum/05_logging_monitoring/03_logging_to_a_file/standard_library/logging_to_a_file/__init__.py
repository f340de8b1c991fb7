"""The shop on plain Starlette, with the standard library's logging."""
