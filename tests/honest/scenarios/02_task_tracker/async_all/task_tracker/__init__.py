"""A task tracker that lives in the event loop, where no two requests can come between each other."""
