"""SkillSync on `sqlite3` and full-text search, with SQL written by hand."""
