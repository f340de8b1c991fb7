"""The files of the course on disk."""
