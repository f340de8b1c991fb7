"""The API of the sticky notes: no `await` stands between looking and changing, so nothing can come between them."""

from typing import Annotated

from fastapi import FastAPI, HTTPException
from pydantic import AfterValidator, BaseModel


def with_text(value: str) -> str:
    """Refuse what is white space alone."""
    if value.isspace() or not value:
        raise ValueError("write something")
    return value


Text = Annotated[str, AfterValidator(with_text)]


class Draft(BaseModel):
    """A note that nobody has numbered yet."""

    title: Text
    content: Text


class Sticky(Draft):
    """A note on the wall."""

    id: int


app = FastAPI()
wall: list[Sticky] = []
numbers = [0]


async def position(number: int) -> int:
    """Find where a note is on the wall."""
    for place, sticky in enumerate(wall):
        if sticky.id == number:
            return place
    raise HTTPException(404)


@app.post("/notes", status_code=201)
async def stick(draft: Draft) -> Sticky:
    """Put a note on the wall."""
    numbers[0] += 1
    wall.append(Sticky(id=numbers[0], **draft.model_dump()))
    return wall[-1]


@app.get("/notes")
async def look() -> list[Sticky]:
    """Look at the whole wall."""
    return wall


@app.get("/notes/{number}")
async def find(number: int) -> Sticky:
    """Look at one note."""
    return wall[await position(number)]


@app.delete("/notes/{number}", status_code=204)
async def take_off(number: int) -> None:
    """Take a note off the wall."""
    del wall[await position(number)]
