"""How fast are the curriculum's apps? `python -m tests.bench curriculum`: ratios within one run."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from ladder.course.catalog import App, Catalog, Exercise
from ladder.serving.launcher import Launcher, warm_up
from ladder.serving.process import PlainProcess
from ladder.serving.runner import Runner
from ladder.serving.server import Server
from tests.bench import Row

CATALOG = Catalog(Path(__file__).parents[2])
PRODUCTS = 20_000
TURNS = 30
LIMITED_TURNS = 500
CACHED_TURNS = 500
REQUESTS = 200
ORDER = {"product": "Mug", "quantity": 1, "email": "ada@example.com", "card_number": "4111111111111111"}
MIDDLEWARE = [
    ("c5.1", [ORDER], "/orders/1", "a logged request, to the same without", 1.5),
    ("c5.2", [], "/health", "a success, to one without the middleware", 1.1),
    ("c5.4", [], "/products/7", "a request with metrics, to one without", 1.5),
]
PLAIN_UVICORN = {
    "UVICORN_HTTP": "h11",
    "UVICORN_LOOP": "asyncio",
}  # what it takes where nothing else is installed
CONSTANT_APP = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/products")
async def list_products() -> list[dict[str, str]]:
    return [{"name": "Mug"}]
"""


def measure_pages() -> Iterator[Row]:
    """Compare a page far back with the first one; they take turns."""
    exercise = CATALOG.find("c1.2")
    runner, services = warm_up(exercise)
    with ExitStack() as stack:
        launcher = Launcher(runner, exercise.solution, services)
        stack.callback(launcher.close)
        server = launcher.launch()
        stack.callback(server.close)
        for number in range(PRODUCTS):
            server.client.post("/products", json={"name": f"Mug {number}", "price": 12.5}).raise_for_status()
        seconds: dict[int, list[float]] = {1: [], 1_000: []}
        for _ in range(TURNS):
            for page, taken in seconds.items():
                started = time.perf_counter()
                body = server.client.get("/products", params={"page": page}).raise_for_status().json()
                taken.append(time.perf_counter() - started)
                assert (body["total"], len(body["items"])) == (PRODUCTS, 20)
    ratio = statistics.median(seconds[1_000]) / statistics.median(seconds[1])
    yield Row(f"{exercise.manifest.title}: page 1,000 of {PRODUCTS:,} products, to page 1", ratio, 1.5, "x")


def measure_limiter() -> Iterator[Row]:
    """Compare a request that is counted in Redis with one to the health check, which is free; they take turns."""
    exercise = CATALOG.find("c1.7")
    runner, services = warm_up(exercise)
    with ExitStack() as stack:
        launcher = Launcher(runner, exercise.solution, services)
        stack.callback(launcher.close)
        server = launcher.launch(RATE_LIMIT=str(10 * LIMITED_TURNS))
        stack.callback(server.close)
        seconds: dict[str, list[float]] = {"/health": [], "/products": []}
        for _ in range(LIMITED_TURNS):
            for path, taken in seconds.items():
                started = time.perf_counter()
                response = server.client.get(path).raise_for_status()
                taken.append(time.perf_counter() - started)
                assert ("RateLimit" in response.headers) == (path == "/products")
    ratio = statistics.median(seconds["/products"]) / statistics.median(seconds["/health"])
    yield Row(f"{exercise.manifest.title}: a limited request, to a constant one", ratio, 3.0, "x")


def measure_hits() -> Iterator[Row]:
    """Compare a list from the cache with a constant one; they take turns."""
    exercise = CATALOG.find("c1.8")
    runner, services = warm_up(exercise)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "constant").mkdir()
        (folder / "constant" / "main.py").write_text(CONSTANT_APP)
        launchers = [Launcher(runner, exercise.solution, services), Launcher(runner, App(folder, "constant"))]
        for launcher in launchers:
            stack.callback(launcher.close)
        cached, constant = [stack.enter_context(closing(launcher.launch())).client for launcher in launchers]
        product = {"name": "Mug", "category": "mugs", "price": 12.5}
        cached.post("/products", json=product).raise_for_status()
        cached.get("/products").raise_for_status()
        seconds: list[list[float]] = [[], []]
        for _ in range(CACHED_TURNS):
            for client, taken in zip((cached, constant), seconds, strict=True):
                started = time.perf_counter()
                response = client.get("/products").raise_for_status()
                taken.append(time.perf_counter() - started)
                assert response.headers.get("Cache-Status", "shop; hit") == "shop; hit"
    ratio = statistics.median(seconds[0]) / statistics.median(seconds[1])
    yield Row(f"{exercise.manifest.title}: a hit, to a constant endpoint", ratio, 2.5, "x")


@contextmanager
def served_plainly(exercise: Exercise) -> Iterator[list[Server]]:
    """Start an exercise's reference and its starter, both with plain uvicorn: each is a process of its own."""
    _, services = warm_up(exercise)
    runner = Runner(Path(sys.executable), fork=False)  # what is forked takes no setting of uvicorn's
    with ExitStack() as stack:
        stack.callback(runner.close)
        launchers = [Launcher(runner, app, services) for app in (exercise.solution, exercise.starter)]
        yield [stack.enter_context(closing(launcher.launch(**PLAIN_UVICORN))) for launcher in launchers]


def measure_middleware() -> Iterator[Row]:
    """Compare the CPU time of a request in an app whose middleware sees it with that of its starter; they take turns.

    What an app does once a request is answered costs the next one, and only CPU time shows it.
    """
    for name, orders, path, what, limit in MIDDLEWARE:
        exercise = CATALOG.find(name)
        used = [0.0, 0.0]
        with served_plainly(exercise) as servers:
            for server, order in product(servers, orders):
                server.client.post("/orders", json=order).raise_for_status()
            for _ in range(TURNS):
                for number, server in enumerate(servers):
                    before = cpu_seconds(server)
                    ask_again(server, path)
                    used[number] += cpu_seconds(server) - before
        yield Row(
            f"{exercise.manifest.title}, plain uvicorn, CPU time: {what}", used[0] / used[1], limit, "x"
        )


def cpu_seconds(server: Server) -> float:
    """Return the CPU time that a plain process has used, all its threads (proc(5), /proc/pid/stat)."""
    assert isinstance(server.process, PlainProcess)
    stat = Path(f"/proc/{server.process.process.pid}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def ask_again(server: Server, path: str) -> None:
    """Send many requests over one connection."""
    with closing(HTTPConnection(urlsplit(server.process.address.url).netloc)) as connection:
        for _ in range(REQUESTS):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert response.status == 200


def measure() -> Iterator[Row]:
    """Measure all of it."""
    yield from measure_pages()
    yield from measure_limiter()
    yield from measure_hits()
    yield from measure_middleware()
