"""Signed webhooks whose signatures are decoded before they are compared."""

import base64
import binascii
import hmac
import os

from fastapi import FastAPI, HTTPException, Request, Response

KEY = os.environ.get("CRM_WEBHOOK_SECRET", "uniti-ai-is-hiring").encode()
LIMIT = 1 << 20

app = FastAPI()


@app.middleware("http")
async def add_header(request: Request, call_next):
    """Add the security header."""
    response: Response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def decode(signature: str) -> bytes:
    """Return the bytes that a signature stands for."""
    for read in (bytes.fromhex, base64.b64decode):
        try:
            digest = read(signature)
        except (ValueError, binascii.Error):
            continue
        if len(digest) == 32:
            return digest
    raise HTTPException(403)


@app.post("/webhooks/crm", status_code=202)
async def receive(request: Request) -> dict[str, str]:
    """Receive a webhook."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LIMIT:
            raise HTTPException(413)
    signatures = request.headers.getlist("X-CRM-Signature")
    if not signatures:
        raise HTTPException(400)
    if len(signatures) > 1 or not hmac.compare_digest(
        hmac.digest(KEY, body, "sha256"), decode(signatures[0])
    ):
        raise HTTPException(403)
    print(f"webhook received bytes={len(body)}", flush=True)
    return {"status": "received"}
