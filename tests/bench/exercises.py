"""How fast are the exercises under load? `python -m tests.bench.exercises`.

Fifty clients book slots against each other, and `wrk` asks for variants and sends webhooks. What counts are ratios to
an endpoint that answers a constant, in the same run and served in the same way.
"""

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from hmac import digest
from pathlib import Path

from ladder.course.catalog import App, Catalog
from ladder.serving.launcher import Launcher, warm_up
from ladder.serving.runner import Runner
from ladder.serving.server import Server
from tests.bench import Row, percentile

CATALOG = Catalog(Path(__file__).parents[2])
CONSTANT_APP = """
from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/")
async def read() -> dict[str, str]:
    return {"answer": "always the same"}


@app.post("/")
async def take(request: Request) -> dict[str, str]:
    await request.body()
    return {"answer": "always the same"}
"""
CLIENTS = 50
SLOTS = 16
ROUNDS = 5
SECRET = b"uniti-ai-is-hiring"  # the default that the ticket prints
BODY = b'{"note": "' + b"a" * (100 * 1024 - 12) + b'"}'
POST_BODY = """
wrk.method = "POST"
wrk.body = '{body}'
wrk.headers["X-CRM-Signature"] = "{signature}"
"""
BIG_BODY = b"a" * 1024 * 1024  # the largest that the ticket allows
# The settings of `python -m uvicorn`; what is called plain is what it takes where nothing else is installed.
SERVED = {
    "plain uvicorn": {"UVICORN_HTTP": "h11", "UVICORN_LOOP": "asyncio"},
    "with httptools and uvloop": {"UVICORN_HTTP": "httptools", "UVICORN_LOOP": "uvloop"},
}
SECONDS = 1
TURNS = 9
CONNECTIONS = 8


@contextmanager
def constant_app() -> Iterator[App]:
    """Write the app that answers a constant."""
    with tempfile.TemporaryDirectory() as name:
        app = App(Path(name), "constant")
        app.source.mkdir()
        (app.source / "main.py").write_text(CONSTANT_APP)
        yield app


def all_at_once(work: Callable[[int, list[float]], None]) -> list[float]:
    """Let every client work at the same time, and give all the seconds that they have noted."""
    seconds: list[list[float]] = [[] for _ in range(CLIENTS)]
    everybody = threading.Barrier(CLIENTS)

    def run(client: int) -> None:
        everybody.wait()
        work(client, seconds[client])

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(run, range(CLIENTS)))
    return [one for of_client in seconds for one in of_client]


def book_all(server: Server) -> list[float]:
    """Let every client try the slots in an order of its own until it has one; see that each slot is given away once.

    Returns:
        the seconds of each request.
    """
    slots = [slot["id"] for slot in server.client.get("/availability").raise_for_status().json()]
    given: dict[str, int] = {}

    def work(client: int, seconds: list[float]) -> None:
        email = f"client{client}@example.com"
        for slot in random.Random(client).sample(slots, SLOTS):  # noqa: S311 - the same orders each time
            started = time.perf_counter()
            response = server.client.post("/book", json={"slot_id": slot, "email": email})
            seconds.append(time.perf_counter() - started)
            if response.status_code == 200:
                given[email] = slot
                return
            assert response.status_code == 409, response.text

    seconds = all_at_once(work)
    kept = server.query("SELECT booked_by_email, id FROM time_slots WHERE is_booked")
    assert dict(kept) == given, "a booking was lost"
    assert Counter(given.values()) == Counter(slots), "a slot was given away twice, or to nobody"
    return seconds


def measure_booking(app: App) -> Iterator[Row]:
    """Compare the latency of bookings with that of a constant, under the same fifty clients."""
    exercise = CATALOG.find("e3")
    runner, services = warm_up(exercise)
    bookings: list[float] = []
    constants: list[float] = []
    with ExitStack() as stack:
        scheduler = Launcher(runner, exercise.solution, services)
        constant = Launcher(runner, app)
        stack.callback(scheduler.close)
        stack.callback(constant.close)
        plain = constant.launch()
        stack.callback(plain.close)

        def ask(_client: int, seconds: list[float]) -> None:
            for _ in range(SLOTS):
                started = time.perf_counter()
                plain.client.get("/").raise_for_status()
                seconds.append(time.perf_counter() - started)

        for _ in range(ROUNDS):
            server = scheduler.launch()
            bookings += book_all(server)
            server.close()
            constants += all_at_once(ask)
    ratio = percentile(bookings, 95) / percentile(constants, 95)
    yield Row("50 clients book 16 slots, none lost, none twice: p95, to a constant endpoint", ratio, 25, "x")


def requests_per_second(url: str, script: Path | None = None) -> float:
    """Let `wrk` ask a server for a while."""
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *(["-s", str(script)] if script else [])]
    output = subprocess.run(
        ["wrk", *options, url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "Non-2xx" not in output, output
    return float(output.rsplit("Requests/sec:", 1)[1].split()[0])


def measure_throughput(app: App) -> Iterator[Row]:
    """Compare how many requests a second are answered, served in either way; all servers take turns."""
    runner = Runner(Path(sys.executable), fork=False)  # wrk speaks TCP
    with ExitStack() as stack:
        stack.callback(runner.close)

        def start(started: App, path: str, settings: dict[str, str]) -> str:
            server = Launcher(runner, started).launch(**settings)
            stack.callback(server.close)
            # Until it has freed a large block once, the C library gives memory back after each request, and takes it
            # again. Whether an import has done so already is chance, and makes up to half of the time.
            server.client.post(path, content=BIG_BODY)
            return server.process.address.url + path

        script = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "post.lua"
        signature = digest(SECRET, BODY, sha256).hex()
        script.write_text(POST_BODY.format(body=BODY.decode(), signature=signature))
        assign = "/assign?experiment_name=pricing-model-test&user_id=user-1"
        asked: dict[tuple[str, str], tuple[str, Path | None]] = {}
        for how, settings in SERVED.items():
            constant = start(app, "/", settings)
            asked[how, "constant"] = (constant, None)
            asked[how, "constant with the body"] = (constant, script)
            asked[how, "assign"] = (start(CATALOG.find("e4").solution, assign, settings), None)
            asked[how, "webhook"] = (start(CATALOG.find("e5").solution, "/webhooks/crm", settings), script)
        rates = dict.fromkeys(asked, 0.0)
        for _ in range(TURNS):
            for key, (url, body) in asked.items():
                rates[key] = max(rates[key], requests_per_second(url, body))
    for how in SERVED:
        for what, name, to, limit in (
            (f"/assign, {how}: fewer requests a second than a constant endpoint", "assign", "constant", 2),
            (
                f"/webhooks/crm with 100 KiB, {how}: fewer than a constant endpoint",
                "webhook",
                "constant",
                2.5,
            ),
            ("the same, to one that reads the same body", "webhook", "constant with the body", 2.5),
        ):
            yield Row(what, rates[how, to] / rates[how, name], limit, "x")


def measure() -> Iterator[Row]:
    """Measure everything; yields each row when it is known."""
    with constant_app() as app:
        yield from measure_booking(app)
        yield from measure_throughput(app)


if __name__ == "__main__":
    print("| what | at most | measured | met |")
    print("|---|---|---|---|")
    for row in measure():
        print(row.as_markdown(), flush=True)
