"""Takes in leads for the sales team, and tells which of them qualify."""
