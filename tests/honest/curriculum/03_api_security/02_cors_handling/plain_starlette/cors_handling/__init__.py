"""The shop on plain Starlette, with CORS written by hand: one middleware, which asks for exactly what it permits."""
