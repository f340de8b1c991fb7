"""The app: a route without any model, logging of its own, and the header around all of it."""

import logging
import sys

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from .middleware import NoSniff
from .settings import Settings
from .signature import SignedBody, TooLargeError

MEBIBYTE = 2**20

logger = logging.getLogger("webhooks")
logger.setLevel(logging.INFO)
logger.addHandler(logging.StreamHandler(sys.stdout))
logger.propagate = False

settings = Settings()
app = FastAPI(title="Webhooks")
app.add_middleware(NoSniff)


async def receive_webhook(request: Request) -> Response:
    """Judge a webhook: first its size, then whether it is signed, then whether rightly."""
    body = SignedBody(settings.key, MEBIBYTE)
    try:
        async for chunk in request.stream():
            body.feed(chunk)
    except TooLargeError:
        return PlainTextResponse("Too large.\n", 413)
    match [value for name, value in request.headers.raw if name == b"x-crm-signature"]:
        case []:
            return PlainTextResponse("Not signed.\n", 400)
        case [signature] if body.is_signed_by(signature):
            logger.info("webhook received bytes=%d", body.size)
            return JSONResponse({"status": "received"}, 202)
        case _:
            return PlainTextResponse("Wrongly signed.\n", 403)


app.add_route("/webhooks/crm", receive_webhook, methods=["POST"])
