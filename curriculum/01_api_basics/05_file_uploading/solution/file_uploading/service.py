"""The types and names of files, and where they are stored: the rules that know no HTTP."""

import re
import shutil
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from .models import ContentType, Upload
from .settings import settings

SIGNATURES: dict[bytes, ContentType] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"%PDF-": "application/pdf",
}
"""How the files begin that are accepted."""
MAX_NAME_LENGTH = 100


def detect_type(file: BinaryIO) -> ContentType | None:
    """Return the type that a file's first bytes tell, or `None` if it is not accepted."""
    beginning = file.read(max(map(len, SIGNATURES)))
    file.seek(0)
    return next((SIGNATURES[known] for known in SIGNATURES if beginning.startswith(known)), None)


def clean_name(sent: str) -> str:
    """Return the name to show for a file: without folders and control characters, and not too long."""
    last = re.split(r"[/\\]", sent)[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last)[:MAX_NAME_LENGTH] or "upload"


def file_path(upload_id: UUID) -> Path:
    """Return where the bytes of an upload are stored. No client has a say in it."""
    return settings.upload_dir / str(upload_id)


def record_path(upload_id: UUID) -> Path:
    """Return where the rest of an upload is stored."""
    return file_path(upload_id).with_suffix(".json")


def save_upload(upload: Upload, file: BinaryIO) -> None:
    """Store the bytes of an upload first, and then its record: whatever has a record is complete."""
    with file_path(upload.id).open("wb") as stored:
        shutil.copyfileobj(file, stored)
    record_path(upload.id).write_bytes(upload.model_dump_json().encode())


def find_upload(upload_id: UUID) -> Upload | None:
    """Return the upload with this id, or `None` if there is none."""
    try:
        return Upload.model_validate_json(record_path(upload_id).read_bytes())
    except FileNotFoundError:
        return None
