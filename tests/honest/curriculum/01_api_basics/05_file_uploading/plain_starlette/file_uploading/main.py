"""Plain Starlette: the form is parsed while it arrives, and its file gets its place when it is complete."""

import asyncio
import json
import os
import shutil
import uuid
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FOLDER = Path(os.environ.get("UPLOAD_DIR", "uploads"))
LIMIT = 5 * 2**20
TYPES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF-", "application/pdf"))


class Receiver:
    """Receives one form."""

    def __init__(self, boundary, target):
        self.target = target
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self.begin,
                "on_header_field": lambda data, start, end: self.key.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self.value.extend(data[start:end]),
                "on_header_end": self.end_header,
                "on_part_data": self.data,
                "on_part_end": self.end,
            },
        )
        self.size = 0
        self.filename = None
        self.complete = False
        self.begin()

    def begin(self):
        self.key, self.value, self.is_ours = bytearray(), bytearray(), False

    def end_header(self):
        if self.key.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self.value))
            self.is_ours = options.get(b"name") == b"file" and b"filename" in options
            if self.is_ours:
                self.filename = options[b"filename"].decode()
        self.key, self.value = bytearray(), bytearray()

    def data(self, data, start, end):
        if self.is_ours:
            self.size += end - start
            if self.size > LIMIT:
                raise HTTPException(413)
            self.target.write(data[start:end])

    def end(self):
        self.complete |= self.is_ours


async def fail(_request, error):
    title = HTTPStatus(error.status_code).phrase
    problem = {
        "type": "about:blank",
        "title": title,
        "status": error.status_code,
        "detail": str(error.detail),
    }
    return JSONResponse(problem, error.status_code, error.headers, "application/problem+json")


def clean(name):
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(one for one in last if ord(one) > 31 and ord(one) != 127)[:100] or "upload"


async def receive(request, place):
    kind, options = parse_options_header(request.headers.get("Content-Type"))
    if kind != b"multipart/form-data":
        raise HTTPException(422)
    with (place / "bytes").open("w+b") as target:
        receiver = Receiver(options[b"boundary"], target)
        others = 0
        async for chunk in request.stream():
            others += len(chunk)
            await asyncio.to_thread(receiver.parser.write, chunk)
            if others > LIMIT + 200_000:
                raise HTTPException(413)
        if not receiver.complete or not receiver.size:
            raise HTTPException(422)
        target.seek(0)
        beginning = target.read(8)
    kind = next((kind for known, kind in TYPES if beginning.startswith(known)), None)
    if kind is None:
        raise HTTPException(415)
    upload_id = str(uuid.uuid4())
    return {
        "id": upload_id,
        "name": clean(receiver.filename),
        "content_type": kind,
        "size": receiver.size,
        "url": f"/files/{upload_id}",
    }


async def upload(request):
    place = FOLDER / f"incoming-{uuid.uuid4()}"
    place.mkdir(parents=True)
    try:
        stored = await receive(request, place)
        (place / "about").write_text(json.dumps(stored))
        place.rename(FOLDER / stored["id"])
        return JSONResponse(stored, 201)
    except ClientDisconnect:
        return Response(status_code=400)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def download(request):
    try:
        place = FOLDER / str(uuid.UUID(request.path_params["upload_id"]))
        stored = json.loads((place / "about").read_text())
    except (ValueError, FileNotFoundError):
        raise HTTPException(404) from None
    headers = {
        "Content-Disposition": f"Attachment; filename=\"download\"; filename*=UTF-8''{quote(stored['name'], safe='')}",
        "Content-Type": stored["content_type"],
        "X-Content-Type-Options": "nosniff",
    }
    return Response((place / "bytes").read_bytes(), headers=headers)


app = Starlette(
    routes=[Route("/upload", upload, methods=["POST"]), Route("/files/{upload_id}", download)],
    exception_handlers={HTTPException: fail},
)
