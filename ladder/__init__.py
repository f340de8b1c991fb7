"""The engine of the course: it finds, runs, checks and verifies exercises, and contains none."""
