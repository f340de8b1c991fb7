"""The shop on Starlette alone, with a registry and a format of its own."""
