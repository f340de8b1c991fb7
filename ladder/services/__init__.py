"""Real database servers."""
