"""Files that are uploaded to a small shop, kept on disk."""
