"""Our side of HTTP."""
