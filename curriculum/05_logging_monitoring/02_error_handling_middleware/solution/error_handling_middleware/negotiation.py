"""What the header `Accept` says (RFC 9110, section 12.5.1)."""

import re

QUALITY = re.compile(r"(?:^|;)q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)(?:;|$)")


def quality(accept: str, media_type: str) -> float:
    """Return how much a client wants a media type, from 0 to 1: the most specific range that holds it decides.

    A range whose quality is not a number from 0 to 1 does not count.

    Args:
        accept: the header, such as `text/html, */*;q=0.8`.
        media_type: such as `text/html`.
    """
    wanted: dict[str, float] = {}
    for part in accept.lower().split(","):
        media_range, _, parameters = "".join(part.split()).partition(";")
        found = QUALITY.search(parameters)
        if found is not None or "q=" not in parameters:
            wanted[media_range] = float(found[1]) if found is not None else 1.0
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((wanted[media_range] for media_range in ranges if media_range in wanted), 0.0)
