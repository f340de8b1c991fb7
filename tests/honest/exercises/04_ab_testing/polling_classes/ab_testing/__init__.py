"""A/B tests: pydantic models for the file, and a task that looks at it ten times in a second."""
