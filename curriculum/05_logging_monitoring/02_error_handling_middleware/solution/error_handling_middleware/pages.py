"""Errors as pages, for people with a browser."""

from html import escape
from http.client import responses

from fastapi import status

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<h1>{title}</h1>
<p>{detail}</p>
{more}
<p>Error <code>{error_id}</code></p>
</html>
"""
MORE = {
    status.HTTP_404_NOT_FOUND: '<p>We looked for <code>{path}</code>. Try <a href="/stock.csv">what we have</a>.</p>',
    status.HTTP_500_INTERNAL_SERVER_ERROR: (
        '<p><a href="mailto:help@shop.example?subject={error_id}">Write to us</a>, and we look into it.</p>'
    ),
}
"""What the page of a status has besides."""


def make_page(status_code: int, detail: str, error_id: str, path: str) -> str:
    """Return the page of an error.

    Args:
        status_code: of the response.
        detail: what happened.
        error_id: by which we find it in the log.
        path: what was asked for; like all that comes from outside, it may look like HTML.
    """
    return PAGE.format(
        title=f"{status_code} {responses.get(status_code, 'Error')}",
        detail=escape(detail),
        more=MORE.get(status_code, "").format(path=escape(path), error_id=error_id),
        error_id=error_id,
    )
