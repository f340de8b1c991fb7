"""The shop, measured by a middleware of FastAPI's."""
