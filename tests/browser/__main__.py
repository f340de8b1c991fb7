"""Opens pages in Chromium, and sees what browsers refuse: `python -m tests.browser [--pictures FOLDER]`.

Each line is one page: what was expected of it, and whether it was seen. The starters are controls: without the
references' headers, the same pages do what must not happen.

Exit status: 0 if all was seen, 1 if something was not, 2 if Chromium, npm or openssl is missing.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ladder.client.http import Address
from tests.browser.chromium import Chromium, Seen, find_chromium, free_port, served_app, served_files

ROOT = Path(__file__).parents[2]
SECURITY = ROOT / "curriculum/03_api_security"
CORS = SECURITY / "02_cors_handling"
HEADERS = SECURITY / "03_helmet_security_headers"
CDN_HOST = "cdn.jsdelivr.net"
SWAGGER_UI = "npm/swagger-ui-dist@5"
"""Where the CDN has Swagger UI, from which FastAPI's /docs loads it."""

READ_PAGE = """<!doctype html><title>Reads</title><pre id="said">nothing</pre><script>
fetch("{api}/products", {{credentials: "include"}})
  .then(async (answer) => "read " + answer.headers.get("X-Total-Count") + " " + await answer.text())
  .catch((error) => "refused " + error)
  .then((text) => document.querySelector("#said").textContent = text);
</script>"""
WRITE_PAGE = """<!doctype html><title>Writes</title><pre id="said">nothing</pre><script>
fetch("{api}/products", {{method: "POST", credentials: "include", headers: {{"Content-Type": "{kind}"}},
                          body: JSON.stringify({{name: "Mug", price: 12.5}})}})
  .then((answer) => "answered " + answer.status).catch((error) => "refused " + error)
  .then((text) => document.querySelector("#said").textContent = text);
</script>"""
FRAME_PAGE = """<!doctype html><title>Frames</title><h1>Another site</h1>
<iframe src="{url}" width="600" height="300"></iframe>"""


class Judge:
    """Prints what was seen of each page, and counts what was not."""

    def __init__(self) -> None:
        self.missing = 0

    def expect(self, what: str, *, seen: bool, shown: str) -> None:
        """Note one page.

        Args:
            what: must be seen.
            seen: whether it was.
            shown: what there was instead.
        """
        print(f"{'ok   ' if seen else 'WRONG'}  {what}", flush=True)
        if not seen:
            self.missing += 1
            print(f"       {shown.strip()[-1500:]}", flush=True)


def said_by(seen: Seen) -> str:
    """Return what a page's script has written."""
    return seen.document.partition('<pre id="said">')[2].partition("</pre>")[0]


def see_cors(browser: Chromium, judge: Judge, folder: Path) -> None:
    """See who can read and change the products of c3.2."""
    port = free_port()
    api = f"http://127.0.0.1:{port}"
    pages = {
        "read.html": READ_PAGE.format(api=api),
        "write.html": WRITE_PAGE.format(api=api, kind="application/json"),
        "simple.html": WRITE_PAGE.format(api=api, kind="text/plain"),
    }
    for name, page in pages.items():
        (folder / name).write_text(page, encoding="utf-8")
    with served_files(folder) as trusted, served_files(folder) as other:
        settings = {"CORS_ORIGINS": f"http://127.0.0.1:{trusted}", "CORS_ORIGIN_SUFFIX": ""}
        with served_app(CORS / "solution", "cors_handling", port, settings):
            writes = browser.visit(f"http://127.0.0.1:{trusted}/write.html", "cors-trusted-writes")
            reads = browser.visit(f"http://127.0.0.1:{trusted}/read.html", "cors-trusted-reads")
            before = products_of(api)
            refused = {
                name: browser.visit(f"http://127.0.0.1:{other}/{name}.html", f"cors-other-{name}")
                for name in ("read", "write", "simple")
            }
            after = products_of(api)
    judge.expect(
        "a page of a trusted origin can create a product",
        seen=said_by(writes) == "answered 201",
        shown=said_by(writes) + writes.console,
    )
    judge.expect(
        "it can read the products, and how many there are",
        seen=said_by(reads).startswith(f"read {len(before)} [") and len(before) > 0,
        shown=said_by(reads) + reads.console,
    )
    for name, what in (
        ("read", "cannot read"),
        ("write", "cannot create a product"),
        ("simple", "cannot do it without a preflight either"),
    ):
        seen = refused[name]
        judge.expect(
            f"a page of another origin {what}",
            seen=said_by(seen).startswith("refused") and "blocked by CORS policy" in seen.console,
            shown=said_by(seen) + seen.console,
        )
    judge.expect("nothing was changed by it", seen=before == after, shown=f"{before} {after}")


def products_of(api: str) -> list[object]:
    """Return what a program that is no browser reads."""
    with Address(url=api).open_client() as client:
        products: list[object] = client.get("/products").json()
        return products


def see_headers(browser: Chromium, judge: Judge, folder: Path) -> None:
    """See what the pages of c3.3 run, and who can frame them."""
    port = free_port()
    shop = f"http://127.0.0.1:{port}"
    for name, path in (("product", "/products/1/page"), ("embed", "/embed")):
        (folder / f"{name}.html").write_text(FRAME_PAGE.format(url=shop + path), encoding="utf-8")
    with served_files(folder) as partner, served_files(folder) as other:
        settings = {"EMBED_ORIGIN": f"http://127.0.0.1:{partner}"}
        with served_app(HEADERS / "starter", "helmet_security_headers", port, {}):
            control = browser.visit(f"{shop}/products/1/page", "headers-starter-product")
            framed = browser.visit(f"http://127.0.0.1:{other}/product.html", "headers-starter-framed")
        with served_app(HEADERS / "solution", "helmet_security_headers", port, settings):
            product = browser.visit(f"{shop}/products/1/page", "headers-product")
            frames = {
                (who, name): browser.visit(f"http://127.0.0.1:{site}/{name}.html", f"headers-{who}-{name}")
                for who, site in (("partner", partner), ("other", other))
                for name in ("product", "embed")
            }
            docs = browser.visit(f"{shop}/docs", "headers-docs")
    judge.expect(
        "control: without the headers, the supplier's script runs",
        seen="mugs.example</title>" in control.document,
        shown=control.document,
    )
    judge.expect(
        "control: without the headers, any site can frame a product's page",
        seen=not is_frame_refused(framed),
        shown=framed.console,
    )
    judge.expect(
        "the supplier's scripts do not run, and ours does",
        seen="<title>Mug</title>" in product.document and "Open today until 18:00." in product.document,
        shown=product.document + product.console,
    )
    judge.expect(
        "the browser says that the policy is why",
        seen="Content Security Policy" in product.console,
        shown=product.console,
    )
    for (who, name), seen in frames.items():
        must = (who, name) != ("partner", "embed")
        judge.expect(
            f"{who}'s page {'cannot' if must else 'can'} frame {name}",
            seen=is_frame_refused(seen) is must,
            shown=seen.console,
        )
    judge.expect(
        "/docs works under its own policy",
        seen='class="opblock' in docs.document and "Content Security Policy" not in docs.console,
        shown=docs.document[:500] + docs.console,
    )


def is_frame_refused(seen: Seen) -> bool:
    """Return whether the browser has left a frame empty, as it says."""
    return "frame-ancestors" in seen.console


@contextmanager
def fetched_cdn(folder: Path) -> Iterator[int]:
    """Be the CDN that has Swagger UI, and give the port; npm gets the files."""
    place = folder / SWAGGER_UI
    place.mkdir(parents=True)
    subprocess.run(
        ["npm", "pack", "--silent", "swagger-ui-dist@5"], cwd=folder, check=True, capture_output=True
    )
    (packed,) = folder.glob("swagger-ui-dist-*.tgz")
    subprocess.run(["tar", "-xzf", packed, "--strip-components=1", "-C", place], check=True)
    secret = folder / "secret.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", f"/CN={CDN_HOST}", "-keyout", secret, "-out", folder / "certificate.pem"),
        ],
        check=True,
        capture_output=True,
    )
    with secret.open("a") as file:
        file.write((folder / "certificate.pem").read_text())
    with served_files(folder, secret) as port:
        yield port


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description=__doc__)
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="where to leave a picture of each page"
    )
    options = parser.parse_args()
    program = find_chromium()
    missing = [name for name in ("npm", "openssl") if shutil.which(name) is None]
    if program is None or missing:
        names = [*([] if program else ["chromium"]), *missing]
        print(f"Missing: {', '.join(names)}. Debian, Ubuntu: apt install {' '.join(names)}", file=sys.stderr)
        return 2
    judge = Judge()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pictures = options.pictures or folder / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        for name in ("cdn", "cors", "headers"):
            (folder / name).mkdir()
        port = stack.enter_context(fetched_cdn(folder / "cdn"))
        cdn = (f"--host-resolver-rules=MAP {CDN_HOST}:443 127.0.0.1:{port}", "--ignore-certificate-errors")
        browser = Chromium(program, pictures, cdn)
        see_cors(browser, judge, folder / "cors")
        see_headers(browser, judge, folder / "headers")
    print("All was seen." if judge.missing == 0 else f"{judge.missing} not seen.")
    return 0 if judge.missing == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
