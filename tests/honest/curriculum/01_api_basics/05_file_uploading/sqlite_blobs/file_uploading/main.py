"""Everything in one SQLite file; a middleware counts the body and answers 413 with problem details."""

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import FastAPI, File, HTTPException, Response, UploadFile

from shared.problems import install_problem_handlers

FOLDER = Path(os.environ.get("UPLOAD_DIR") or "uploads")
LIMIT = 5_242_880
CONTROL = re.compile("[\0-\x1f\x7f]")


class CountedBody:
    """Raise 413 in the app when too much of a body has arrived."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        arrived = 0

        async def count():
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > LIMIT + 500_000:
                raise HTTPException(413, "Too large.")
            return message

        await self.app(scope, count, send)


app = FastAPI()
app.add_middleware(CountedBody)
install_problem_handlers(app)


def connect():
    FOLDER.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(FOLDER / "files.db", timeout=30)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, name TEXT, type TEXT, bytes BLOB)"
    )
    return closing(connection)


def type_of(content):
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if content[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if content[:5] == b"%PDF-":
        return "application/pdf"
    raise HTTPException(415, "Another type.")


@app.post("/upload", status_code=201)
async def upload(file: Annotated[UploadFile, File()]):
    content = await file.read()
    if not content:
        raise HTTPException(422, "Empty.")
    if len(content) > LIMIT:
        raise HTTPException(413, "Too large.")
    name = CONTROL.sub("", file.filename.split("/")[-1].split("\\")[-1])[:100] or "upload"
    row = (str(uuid4()), name, type_of(content), content)
    with connect() as connection, connection:
        connection.execute("INSERT INTO files VALUES (?, ?, ?, ?)", row)
    return {
        "id": row[0],
        "name": name,
        "content_type": row[2],
        "size": len(content),
        "url": f"/files/{row[0]}",
    }


@app.get("/files/{file_id}")
def download(file_id: str):
    try:
        key = str(UUID(file_id))
    except ValueError:
        raise HTTPException(404, "No id.") from None
    with connect() as connection:
        row = connection.execute("SELECT name, type, bytes FROM files WHERE id = ?", [key]).fetchone()
    if row is None:
        raise HTTPException(404, "Unknown.")
    name, kind, content = row
    if name.isascii() and name.isprintable() and not set('"\\') & set(name):
        disposition = f'attachment; filename="{name}"'
    else:
        disposition = f"attachment; filename*=utf-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=kind, headers=headers)
