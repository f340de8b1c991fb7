"""How sure the criterion is that compares costs (c3.4's tenth): a right app must not fail it by chance."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ladder.authoring.parts import launched_reference
from ladder.course.catalog import Catalog
from tests.conftest import ROOT

SAMPLES = 160
BUSY = 2
USERS = 4  # whose logins the criterion compares
TURNS = 5  # of which it takes the least of each user
GUESS = {"username": "nobody_knows", "password": "a guess of many characters"}


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Keep the machine busy with other things."""
    loops = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def test_a_right_app_fails_the_comparison_less_than_once_in_a_million_runs():
    """It fails if all the logins of one user cost twice the cheapest.

    Of Poisson's distribution, 2n + 3 is more than the 95 % limit of a mean of which n were seen.
    """
    with busy_processes(BUSY), launched_reference(Catalog(ROOT).find("c3.4")) as server:
        server.client.post("/login", json=GUESS)
        costs = [
            server.cpu_seconds(lambda: server.client.post("/login", json=GUESS), rounds=1)
            for _ in range(SAMPLES)
        ]

    dear = sum(cost >= 2 * min(costs) for cost in costs)
    likely = (2 * dear + 3) / SAMPLES
    assert USERS * likely**TURNS < 1e-6, f"{dear} of {SAMPLES} cost twice as much as the cheapest"
