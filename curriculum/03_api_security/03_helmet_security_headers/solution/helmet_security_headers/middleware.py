"""ASGI middleware that makes browsers protect every response, and the way to it."""

from collections.abc import Mapping

from fastapi import Response, status
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .policies import Policy, write_policy

HSTS = "Strict-Transport-Security"
FRAME_OPTIONS = "X-Frame-Options"
CSP = "Content-Security-Policy"
CSP_REPORT_ONLY = "Content-Security-Policy-Report-Only"
HEADERS = {
    HSTS: "max-age=31536000; includeSubDomains",  # a year
    FRAME_OPTIONS: "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "0",  # old browsers' filter could itself be used for attacks; the policy replaces it
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Those that are the same everywhere, if they are there."""


class SecurityHeaders:
    """ASGI middleware: give every response the security headers, in place of those that it has.

    It has to be around everything else, or it misses what other middleware answers, such as 500.

    Args:
        app: the app whose responses these are.
        policy: what all pages may load.
        policies: those of the paths that differ.
        framed_paths: those that may be framed by whom their policy names.
        report_only: whether policies report what they would block, and block nothing.
    """

    def __init__(
        self,
        app: ASGIApp,
        policy: Policy,
        policies: Mapping[str, Policy],
        framed_paths: frozenset[str],
        *,
        report_only: bool,
    ) -> None:
        self.app = app
        self.policy = policy
        self.policies = policies
        self.framed_paths = framed_paths
        self.report_only = report_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response with our headers back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ours = self.headers_for(scope["scheme"], scope["path"])

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in (*HEADERS, CSP, CSP_REPORT_ONLY):
                    del headers[name]
                headers.update(ours)
            await send(message)

        await self.app(scope, receive, send_protected)

    def headers_for(self, scheme: str, path: str) -> dict[str, str]:
        """Return the headers of a response.

        Args:
            scheme: of the request; on `http`, browsers ignore HSTS, and it must not be sent (RFC 6797, section 7.2).
            path: of the request.
        """
        headers = HEADERS | self.policy_headers(self.policies.get(path, self.policy))
        if scheme != "https":
            del headers[HSTS]
        if path in self.framed_paths:
            del headers[FRAME_OPTIONS]  # it cannot name an origin; frame-ancestors can
        return headers

    def policy_headers(self, policy: Policy) -> dict[str, str]:
        """Return the headers of a policy; who may frame a page is enforced in any case."""
        if not self.report_only:
            return {CSP: write_policy(policy)}
        enforced = {"frame-ancestors": policy["frame-ancestors"]}
        return {CSP: write_policy(enforced), CSP_REPORT_ONLY: write_policy(policy)}


class HttpsOnly:
    """ASGI middleware: redirect every request that is not encrypted.

    Args:
        app: the app that no such request reaches.
        host: where to; the header `Host` is the client's, and would make this an open redirect.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self.host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or redirect it; 308 keeps its method and body (RFC 9110, section 15.4.9)."""
        if scope["type"] != "http" or scope["scheme"] == "https":
            await self.app(scope, receive, send)
            return
        target = b"?".join(filter(None, (scope["raw_path"], scope["query_string"]))).decode("latin-1")
        location = {"Location": f"https://{self.host}{target}"}
        await Response(status_code=status.HTTP_308_PERMANENT_REDIRECT, headers=location)(scope, receive, send)
