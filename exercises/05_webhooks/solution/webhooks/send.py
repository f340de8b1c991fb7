"""The CRM's side: sign a file, send it as a webhook, and print the answer. It needs nothing but Python.

Run it with `python -m webhooks.send --help`.
"""

import argparse
import os
import sys
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from .signatures import sign

DEFAULT_URL = "http://127.0.0.1:8000/webhooks/crm"
DEFAULT_SECRET = "uniti-ai-is-hiring"  # noqa: S105 - the ticket prints it
TIMEOUT = 10.0


def main(arguments: list[str] | None = None) -> int:
    """Run the command, and give its exit status."""
    options = read_arguments(arguments)
    try:
        body = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    except OSError as error:
        print(f"{options.file} cannot be read: {error.strerror}.", file=sys.stderr)
        return 2
    try:
        status, answer = send(options.url, os.fsencode(options.secret), body)
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        print(f"No answer from {options.url}: {reason}.", file=sys.stderr)
        return 2
    print(status)
    print(answer)
    return 0 if status // 100 == 2 else 1


def read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line, and what it leaves out from the environment."""
    parser = argparse.ArgumentParser(
        prog="python -m webhooks.send",
        description="Sign a file with HMAC-SHA-256, POST it with its X-CRM-Signature, and print the answer.",
        epilog="Exit status: 0 for an answer of success (2xx), 1 for any other, 2 if there was none.",
    )
    parser.add_argument(
        "file", metavar="FILE", help="the file to send, byte for byte; - is the standard input"
    )
    parser.add_argument("--url", type=http_url, default=DEFAULT_URL, help="where to (%(default)s)")
    parser.add_argument(
        "--secret",
        default=os.environ.get("CRM_WEBHOOK_SECRET", DEFAULT_SECRET),
        help=f"the shared secret; by default the variable CRM_WEBHOOK_SECRET, or else {DEFAULT_SECRET}",
    )
    return parser.parse_args(arguments)


def http_url(text: str) -> str:
    """Take a URL of HTTP, and none of a file, say."""
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} does not begin with http:// or https://")
    return text


def send(url: str, secret: bytes, body: bytes) -> tuple[int, str]:
    """Send a signed webhook, and give the status and the body of the answer.

    Raises:
        OSError, HTTPException, ValueError: there was no answer, or the URL is none.
    """
    headers = {"Content-Type": "application/json", "X-CRM-Signature": sign(secret, body).decode()}
    try:
        with urlopen(Request(url, body, headers), timeout=TIMEOUT) as answer:  # noqa: S310 - see http_url
            return answer.status, answer.read().decode(errors="replace")
    except HTTPError as error:  # an answer too, and one to be closed
        with error:
            return error.code, error.read().decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
