"""The API of the sticky notes on bare requests and responses, all of it in the event loop."""

import itertools
import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

notes: dict[str, dict[str, Any]] = {}
ids = itertools.count(1)


def answer(content: Any, status: int = 200) -> Response:
    """Answer in JSON that is plain ASCII, so that every string comes back as it was sent."""
    return Response(json.dumps(content), status, media_type="application/json")


def not_found() -> Response:
    """Answer that there is no such note."""
    return answer({"error": "no such note"}, 404)


def is_text(value: Any) -> bool:
    """Tell whether a value is a string that says something."""
    return isinstance(value, str) and value.strip() != ""


async def create_note(request: Request) -> Response:
    """Create a note."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        return answer({"error": "the body is not sent as JSON"}, 422)
    try:
        payload = await request.json()
    except ValueError:
        return answer({"error": "the body is not JSON"}, 422)
    if not isinstance(payload, dict):
        return answer({"error": "the body is not an object"}, 422)
    wrong = [name for name in ("title", "content") if not is_text(payload.get(name))]
    if wrong:
        return answer({"error": "must be a string that is not blank", "fields": wrong}, 422)
    note = {"id": next(ids), "title": payload["title"], "content": payload["content"]}
    notes[str(note["id"])] = note
    return answer(note, 201)


async def list_notes(_request: Request) -> Response:
    """List all notes, the oldest first."""
    return answer(list(notes.values()))


async def read_note(request: Request) -> Response:
    """Read one note."""
    note = notes.get(request.path_params["note_id"])
    return answer(note) if note else not_found()


async def delete_note(request: Request) -> Response:
    """Delete a note."""
    note = notes.pop(request.path_params["note_id"], None)
    return Response(status_code=204) if note else not_found()


app = Starlette(
    routes=[
        Route("/notes", create_note, methods=["POST"]),
        Route("/notes", list_notes, methods=["GET"]),
        Route("/notes/{note_id}", read_note, methods=["GET"]),
        Route("/notes/{note_id}", delete_note, methods=["DELETE"]),
    ]
)
