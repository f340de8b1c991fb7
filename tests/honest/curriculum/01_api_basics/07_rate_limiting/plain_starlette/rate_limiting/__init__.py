"""Products behind a limit that one script in Redis keeps."""
