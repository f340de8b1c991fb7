"""Products behind a limit; all of it is counted in worker threads."""
