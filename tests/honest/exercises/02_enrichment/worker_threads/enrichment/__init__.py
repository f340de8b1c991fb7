"""Company data that is found out by threads in the background."""
