"""The paths of the posts. Still missing: writing one, what `q` and `sort` do, and the page.

The page's template is finished but for what it shows; `templates` of `pages.py` fills it in.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response, status
from fastapi.responses import HTMLResponse

from shared.problems import problem_responses

from .. import service
from ..database import SessionDep
from ..models import PostCreate, PostPublic, SearchText
from ..tables import Post

router = APIRouter(prefix="/posts", tags=["posts"])


def get_post(post_id: int, session: SessionDep) -> Post:
    """Return the post with this id, or answer 404."""
    return service.read_post(session, post_id)


PostDep = Annotated[Post, Depends(get_post)]


@router.post(
    "", status_code=status.HTTP_201_CREATED, response_model=PostPublic, responses=problem_responses(422)
)
def create_post(new: PostCreate, session: SessionDep) -> Post:
    """Write a post; its body is cleaned."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("", response_model=list[PostPublic], responses=problem_responses(422))
def list_posts(session: SessionDep, q: Annotated[SearchText, Query()] = "") -> Sequence[Post]:
    """List the posts whose title contains a text."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)


@router.get("/{post_id}", response_model=PostPublic, responses=problem_responses(404, 422))
def read_post(post: PostDep) -> Post:
    """Read a post."""
    return post


@router.get("/{post_id}/page", response_class=HTMLResponse, responses=problem_responses(404, 422))
def show_post(request: Request, post: PostDep, session: SessionDep) -> Response:
    """Show a post and its comments as a page."""
    raise HTTPException(status.HTTP_501_NOT_IMPLEMENTED)
