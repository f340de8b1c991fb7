"""The shapes of feedback: ratings and comments are read as one list."""
