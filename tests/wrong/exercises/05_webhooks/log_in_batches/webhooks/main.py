"""Signed webhooks whose log is kept in memory until there are seven lines of it."""

import hmac
import logging
import logging.handlers
import os

from fastapi import FastAPI, HTTPException, Request, Response

KEY = os.environ.get("CRM_WEBHOOK_SECRET", "uniti-ai-is-hiring").encode()
LIMIT = 1 << 20

logger = logging.getLogger("webhooks")
logger.setLevel(logging.INFO)
logger.addHandler(logging.handlers.MemoryHandler(7, logging.CRITICAL, logging.StreamHandler()))
logger.propagate = False
app = FastAPI()


@app.middleware("http")
async def add_header(request: Request, call_next):
    """Add the security header."""
    response: Response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@app.post("/webhooks/crm", status_code=202)
async def receive(request: Request) -> dict[str, str]:
    """Receive a webhook."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LIMIT:
            raise HTTPException(413)
    match request.headers.getlist("X-CRM-Signature"):
        case []:
            raise HTTPException(400)
        case [signature]:
            if not hmac.compare_digest(
                hmac.new(KEY, body, "sha256").hexdigest().encode(), signature.encode()
            ):
                raise HTTPException(403)
        case _:
            raise HTTPException(403)
    logger.info("webhook received bytes=%d", len(body))
    return {"status": "received"}
