"""The SkillSync API.

The app is bare on purpose: from this rung on the modules are yours to design. The ticket says what the API answers, and
nothing about what is in which file; the rungs before show one way.
"""

from fastapi import FastAPI

app = FastAPI(title="SkillSync")
