"""What text may hold: the only place where anything that a client sends is refused or changed.

Still missing: three functions. Each takes a text, and returns what is kept of it or raises `ValueError`, so that
pydantic can use it in an `AfterValidator`: one for plain text, one for HTML (with `nh3`), one for user names (with
`unicodedata`).
"""

TAGS = {
    *{"p", "br", "h2", "h3", "blockquote", "pre", "code"},
    *{"b", "i", "em", "strong", "ul", "ol", "li", "a"},
}
SCHEMES = {"http", "https", "mailto"}
