"""Even the response to an unexpected error carries the header of all responses."""

import asyncio

from webhooks import routes
from webhooks.main import app


def test_the_response_to_an_unexpected_error_forbids_sniffing(monkeypatch):
    monkeypatch.setattr(routes, "verify", lambda *_: 1 / 0)
    scope = {"type": "http", "method": "POST", "path": "/webhooks/crm", "query_string": b""}
    headers = [(b"x-crm-signature", b"0")]
    sent = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    async def request():
        await asyncio.gather(app({**scope, "headers": headers}, receive, send), return_exceptions=True)

    asyncio.run(request())

    assert sent[0]["status"] == 500
    assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]
