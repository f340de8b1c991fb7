"""The shapes of a lead: what a client submits, and what it gets back."""
