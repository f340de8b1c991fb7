"""What text may hold: the only place where anything that a client sends is refused or changed."""

import re
import unicodedata

import nh3

FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters (Unicode's category Cc) but tab, LF and CR, and those that turn the direction of text around
(the explicit ones of UAX #9, section 2.1 and 2.2)."""
USERNAME = re.compile("[a-z0-9_]{3,20}")

TAGS = {
    *{"p", "br", "h2", "h3", "blockquote", "pre", "code"},
    *{"b", "i", "em", "strong", "ul", "ol", "li", "a"},
}
SCHEMES = {"http", "https", "mailto"}
cleaner = nh3.Cleaner(tags=TAGS, attributes={"*": set(), "a": {"href"}}, url_schemes=SCHEMES)


def require_plain(text: str) -> str:
    """Return the text as it is.

    Raises:
        ValueError: it has a control character or a bidirectional one.
    """
    if FORBIDDEN.search(text):
        raise ValueError("control characters and bidirectional ones are refused")
    return text


def clean_html(html: str) -> str:
    """Return the HTML with nothing but the tags, attributes and schemes that are listed above.

    An HTML parser reads it as a browser does, and writes what is left: no pattern can tell `<img src=x onerror=…` from
    text. `&#8238;` becomes a character only then, so the result is looked at, too.

    Raises:
        ValueError: it has a control character or a bidirectional one.
    """
    return require_plain(cleaner.clean(require_plain(html)))


def normalize_username(name: str) -> str:
    """Return the one spelling of a user name: NFKC (UAX #15), then case-folded.

    So all names that look like `ada` in other letters of the same script are `ada`; other scripts are refused.

    Raises:
        ValueError: what comes out is not 3 to 20 of the characters a to z, 0 to 9 and `_`.
    """
    normalized = unicodedata.normalize("NFKC", name).casefold()
    if not USERNAME.fullmatch(normalized):
        raise ValueError("a user name has 3 to 20 of the characters a to z, 0 to 9 and _")
    return normalized
