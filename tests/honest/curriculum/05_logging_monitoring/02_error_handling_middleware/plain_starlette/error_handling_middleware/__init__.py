"""The shop without FastAPI, whose errors a function around the whole app answers."""
