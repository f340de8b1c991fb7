"""The shop without FastAPI: each response is made with its policy, and one function sends the headers."""
