"""Signed webhooks in one file: the body is collected from the stream, then judged."""

import hmac
import os
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, HTTPException, Request, Response

SECRET = os.environ.get("CRM_WEBHOOK_SECRET", "uniti-ai-is-hiring").encode()
LIMIT = 1024 * 1024

app = FastAPI(title="Webhooks")


@app.middleware("http")
async def forbid_sniffing(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Add the security header to every answer."""
    response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


async def read_body(request: Request) -> bytes:
    """Give the whole body, or raise a 413 as soon as it is too large."""
    if int(request.headers.get("Content-Length", 0)) > LIMIT:
        raise HTTPException(413, "The body is too large.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise HTTPException(413, "The body is too large.")
    return bytes(body)


@app.post("/webhooks/crm", status_code=202)
async def receive(request: Request) -> dict[str, str]:
    """Receive a webhook if it is signed with the secret."""
    body = await read_body(request)
    signatures = request.headers.getlist("X-CRM-Signature")
    if not signatures:
        raise HTTPException(400, "The signature is missing.")
    expected = hmac.new(SECRET, body, "sha256").hexdigest()
    if len(signatures) > 1 or not hmac.compare_digest(signatures[0].encode(), expected.encode()):
        raise HTTPException(403, "The signature is wrong.")
    print(f"webhook received bytes={len(body)}", flush=True)
    return {"status": "received"}
