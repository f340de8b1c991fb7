"""Assembles the sticky notes API.

It starts, and answers 404 to all that the ticket asks for. The modules beside it are yours to write, and
to bring together here.
"""

from fastapi import FastAPI

from shared.problems import install_problem_handlers

app = FastAPI(title="Persistent notes")
install_problem_handlers(app)
