"""The library `secure`, around the whole app; it replaces headers, but takes none away, so that is done here."""

from ipaddress import ip_address

from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    CustomHeader,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from secure.middleware import SecureASGIMiddleware
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .settings import Settings

CDN = "https://cdn.jsdelivr.net"


def page_policy(images: list[str], frames: str) -> ContentSecurityPolicy:
    policy = ContentSecurityPolicy().default_src("'none'").script_src("'self'").style_src("'self'")
    policy.img_src("'self'", *images).connect_src("'self'").base_uri("'none'").form_action("'self'")
    return policy.frame_ancestors(frames)


def docs_policy(script_hash: str) -> ContentSecurityPolicy:
    policy = ContentSecurityPolicy().default_src("'none'").script_src(CDN, script_hash).style_src(CDN)
    policy.img_src("data:", "https://fastapi.tiangolo.com").connect_src("'self'").base_uri("'none'")
    policy.form_action("'none'")
    return policy.frame_ancestors("'none'")


def make_secure(
    policy: ContentSecurityPolicy, frames: str, *, report_only: bool, framed: bool, https: bool
) -> Secure:
    custom = [CustomHeader("X-XSS-Protection", "0")]
    if report_only:
        custom.append(CustomHeader("Content-Security-Policy", f"frame-ancestors {frames}"))
        policy = policy.report_only()
    return Secure(
        csp=policy,
        hsts=StrictTransportSecurity().max_age(31536000).include_subdomains() if https else None,
        xcto=XContentTypeOptions().nosniff(),
        xfo=None if framed else XFrameOptions().deny(),
        referrer=ReferrerPolicy().no_referrer(),
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().camera().geolocation().microphone(),
        custom=custom,
    )


MANAGED = {
    name.lower().encode()
    for name in make_secure(ContentSecurityPolicy(), "", report_only=True, framed=False, https=True).headers
}


class Helmet:
    def __init__(self, app: ASGIApp, settings: Settings, script_hash: str) -> None:
        self.app, self.settings = app, settings
        images = settings.images
        self.variants = {
            ("/docs", https): self.wrap(docs_policy(script_hash), "'none'", False, https)
            for https in (False, True)
        }
        for https in (False, True):
            embed = settings.embed_origin
            self.variants["/embed", https] = self.wrap(page_policy(images, embed), embed, True, https)
            self.variants["", https] = self.wrap(page_policy(images, "'none'"), "'none'", False, https)

    def wrap(
        self, policy: ContentSecurityPolicy, frames: str, framed: bool, https: bool
    ) -> SecureASGIMiddleware:
        secure = make_secure(
            policy, frames, report_only=self.settings.report_only, framed=framed, https=https
        )
        return SecureASGIMiddleware(self.answer, secure=secure, multi_ok=[])

    def is_https(self, scope: Scope) -> bool:
        peer = scope.get("client")
        said = Headers(scope=scope).get("x-forwarded-proto")
        if said and peer and any(ip_address(peer[0]) in network for network in self.settings.proxies):
            return said.strip() == "https"
        return bool(scope["scheme"] == "https")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        https = self.is_https(scope)
        scope = {**scope, "scheme": "https" if https else "http"}
        variant = self.variants.get((scope["path"], https), self.variants["", https])
        await variant(scope, receive, send)  # type: ignore[arg-type]

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def strip(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if pair[0].lower() not in MANAGED]
            await send(message)

        if self.settings.force_https and scope["scheme"] == "http":
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            target = (scope["raw_path"] + query).decode("latin-1")
            response = Response("", 308, {"location": f"https://{self.settings.host}{target}"})
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, strip)
