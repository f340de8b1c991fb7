"""What authors of exercises run."""
