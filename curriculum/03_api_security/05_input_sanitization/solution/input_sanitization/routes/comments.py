"""The paths of the comments."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, status
from fastapi.responses import RedirectResponse

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import CommentCreate, CommentPublic
from ..tables import Comment
from .posts import PostDep

router = APIRouter(prefix="/posts/{post_id}/comments", tags=["comments"])


@router.post(
    "",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    responses=problem_responses(404, 422),
)
def create_comment(post: PostDep, new: Annotated[CommentCreate, Form()], session: SessionDep) -> str:
    """Comment on a post with the page's form, and lead back to the page."""
    service.create_comment(session, post, new)
    return f"/posts/{post.id}/page"


@router.get("", response_model=list[CommentPublic], responses=problem_responses(404, 422))
def list_comments(post: PostDep, session: SessionDep) -> Sequence[Comment]:
    """List the comments on a post, sorted by id."""
    return service.list_comments(session, post)
