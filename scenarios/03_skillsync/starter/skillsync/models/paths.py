"""The shapes of a learning path, of its steps, and of an enrolment in it."""
