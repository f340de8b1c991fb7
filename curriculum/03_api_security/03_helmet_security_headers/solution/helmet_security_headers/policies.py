"""What each page may load, and who may frame it (Content Security Policy Level 3).

All policies begin with nothing, and allow what their page needs.
"""

from collections.abc import Iterable, Mapping

from .docs import CDN, SCRIPT_HASH

Policy = Mapping[str, tuple[str, ...]]
"""Directives, and the sources of each."""

NONE, SELF = "'none'", "'self'"


def make_policy(image_sources: Iterable[str], framed_by: str = NONE) -> Policy:
    """Return the policy of the shop's own responses.

    Args:
        image_sources: where images may come from, besides the shop.
        framed_by: the origin whose pages may have this one in a frame.
    """
    return {
        "default-src": (NONE,),
        "script-src": (SELF,),
        "style-src": (SELF,),
        "img-src": (SELF, *image_sources),
        "connect-src": (SELF,),
        "base-uri": (NONE,),  # these three have no default-src to fall back to
        "form-action": (SELF,),
        "frame-ancestors": (framed_by,),
    }


DOCS_POLICY: Policy = {
    "default-src": (NONE,),
    "script-src": (CDN, SCRIPT_HASH),
    "style-src": (CDN,),
    "img-src": ("data:", "https://fastapi.tiangolo.com"),  # the icons of Swagger UI, and that of the tab
    "connect-src": (SELF,),
    "base-uri": (NONE,),
    "form-action": (NONE,),
    "frame-ancestors": (NONE,),
}
"""The policy of `/docs`."""


def write_policy(policy: Policy) -> str:
    """Return a policy as the value of its header."""
    return "; ".join(" ".join((directive, *sources)) for directive, sources in policy.items())
