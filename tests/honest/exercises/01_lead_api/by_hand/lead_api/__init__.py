"""Lead qualification on plain Starlette, checked by hand."""
