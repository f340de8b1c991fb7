"""The jobs: kept in memory, and each done by a task of its own while the server answers other requests."""
