"""A task tracker in layers: API, service, repository."""
