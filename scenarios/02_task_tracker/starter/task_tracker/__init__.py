"""A task tracker for freelancers."""
