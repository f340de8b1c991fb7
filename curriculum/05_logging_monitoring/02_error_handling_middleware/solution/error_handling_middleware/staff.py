"""ASGI middleware for what only the staff may do: it asks for the token, and notes who was there."""

from secrets import compare_digest

from fastapi import HTTPException, status
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .database import connect
from .settings import settings


class StaffOnly:
    """ASGI middleware: let only the staff use the paths below `/admin/`.

    Args:
        app: the app that it protects.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it is for the staff and does not have its token.

        Raises:
            HTTPException: the token is missing or wrong.
        """
        if scope["type"] == "http" and scope["path"].startswith("/admin/"):
            sent = Headers(scope=scope).get("Authorization", "").encode()
            if not compare_digest(sent, f"Bearer {settings.staff_token}".encode()):
                raise HTTPException(
                    status.HTTP_401_UNAUTHORIZED,
                    "Send the token of the staff.",
                    {"WWW-Authenticate": 'Bearer realm="staff"'},
                )
            async with connect(scope["state"]["database_url"]) as connection:
                await connection.execute("INSERT INTO audit (path) VALUES (%s)", [scope["path"]])
        await self.app(scope, receive, send)
