"""The paths of the uploads."""

from typing import Annotated, get_args
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, HTTPException, UploadFile, status
from fastapi.responses import FileResponse

from shared.problems import problem_responses

from .models import ContentType, Upload
from .service import clean_name, detect_type, file_path, find_upload, save_upload

MAX_FILE_SIZE = 5 * 1024 * 1024
# A form is larger than its file. FastAPI stops reading here; it calls an endpoint only when it has read the whole form.
MAX_BODY_SIZE = MAX_FILE_SIZE + 64 * 1024

UPLOAD_ERRORS = problem_responses(
    status.HTTP_413_CONTENT_TOO_LARGE,
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE,
    status.HTTP_422_UNPROCESSABLE_CONTENT,
)
# FastAPI itself answers a body that is too large in plain text.
UPLOAD_ERRORS[status.HTTP_413_CONTENT_TOO_LARGE]["content"]["text/plain"] = {"schema": {"type": "string"}}

router = APIRouter(tags=["files"])


def get_upload(upload_id: UUID) -> Upload:
    """Return the upload with this id, or answer 404."""
    upload = find_upload(upload_id)
    if upload is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no file with this id.")
    return upload


UploadDep = Annotated[Upload, Depends(get_upload)]


@router.post(
    "/upload",
    status_code=status.HTTP_201_CREATED,
    max_body_size=MAX_BODY_SIZE,
    responses=UPLOAD_ERRORS,
)
def create_upload(file: UploadFile) -> Upload:
    """Store a PNG, a JPEG or a PDF; its bytes tell its type."""
    if not file.size:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "The file is empty.")
    if file.size > MAX_FILE_SIZE:
        raise HTTPException(
            status.HTTP_413_CONTENT_TOO_LARGE, f"The file has more than {MAX_FILE_SIZE} bytes."
        )
    content_type = detect_type(file.file)
    if content_type is None:
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "The file is no PNG, JPEG or PDF.")
    upload_id = uuid4()
    upload = Upload(
        id=upload_id,
        name=clean_name(file.filename or ""),
        content_type=content_type,
        size=file.size,
        url=f"/files/{upload_id}",
    )
    save_upload(upload, file.file)
    return upload


@router.get(
    "/files/{upload_id}",
    response_class=FileResponse,
    responses={
        status.HTTP_200_OK: {
            "content": {
                content_type: {"schema": {"type": "string", "format": "binary"}}
                for content_type in get_args(ContentType)
            }
        },
        **problem_responses(status.HTTP_404_NOT_FOUND, status.HTTP_422_UNPROCESSABLE_CONTENT),
    },
)
def read_file(upload: UploadDep) -> FileResponse:
    """Send a file as a download: no browser shows it in a page of ours, or takes it for another type."""
    return FileResponse(
        file_path(upload.id),
        media_type=upload.content_type,
        filename=upload.name,
        headers={"X-Content-Type-Options": "nosniff"},
    )
