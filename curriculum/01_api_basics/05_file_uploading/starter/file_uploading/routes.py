"""The paths of the uploads.

The bodies of the three functions are yours: each answers 501 until you write it. So is the limit on a request's body.
"""

from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, UploadFile, status
from fastapi.responses import FileResponse

from shared.problems import problem_responses

from .models import ContentType, Upload

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
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


UploadDep = Annotated[Upload, Depends(get_upload)]


@router.post(
    "/upload",
    status_code=status.HTTP_201_CREATED,
    responses=UPLOAD_ERRORS,
)
def create_upload(file: UploadFile) -> Upload:
    """Store a PNG, a JPEG or a PDF; its bytes tell its type."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


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
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)
