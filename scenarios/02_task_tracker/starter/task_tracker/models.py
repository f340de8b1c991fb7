"""The shapes of a task: what a client sends, what the table holds, and what a client gets back."""
