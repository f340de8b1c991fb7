"""How fast is SkillSync with thousands of users and tens of thousands of challenges?

`python -m tests.bench.skillsync` fills the reference's own tables at two scales, asks for the brief's five use cases
over real servers, and compares them with an endpoint that answers a constant. All are asked in turns, so that whatever
else the machine does meanwhile hits all alike; what counts are ratios, never milliseconds.
"""

import json
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ladder.client.http import Client
from ladder.course.catalog import App
from ladder.serving.launcher import Launcher
from ladder.serving.runner import Runner
from ladder.serving.server import Server
from tests.bench import Row, percentile

SOLUTION = App(Path(__file__).parents[2] / "scenarios/03_skillsync/solution", "skillsync")
CONSTANT_APP = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def read() -> dict[str, str]:
    return {"answer": "always the same"}
"""
ROUNDS = 300
WARM_UP = 25
SLOWER_THAN_CONSTANT = 12.0
SLOWER_THAN_SMALL = 1.5
SLOWER_THAN_FIRST_PAGE = 1.5
STEMS = [
    "array",
    "binary",
    "cache",
    "decor",
    "event",
    "filter",
    "graph",
    "hash",
    "index",
    "join",
    "kernel",
    "loop",
]
WORDS = [first + second for first in STEMS for second in STEMS]
TOPICS = [f"Topic {number}" for number in range(20)]
TAGS = [f"Tag{number}" for number in range(40)]
COMMON_TAG = "Python"  # on a quarter of all challenges
TAGS_EACH = 2
STEPS_EACH = 20  # challenges in a path
PATHS_EACH = 5  # paths that a user is enrolled in
SOME_TIME = "2026-01-02 03:04:05.000000"  # as SQLAlchemy writes a time into SQLite


@dataclass(frozen=True)
class Scale:
    """How much there is of everything."""

    users: int
    challenges: int
    paths: int
    completions_each: int  # by each user
    feedback: int
    feedback_on_first: int  # so much of it is on the challenge 1


LARGE = Scale(
    users=5_000,
    challenges=50_000,
    paths=500,
    completions_each=100,
    feedback=300_000,
    feedback_on_first=12_000,
)
SMALL = Scale(
    users=500, challenges=5_000, paths=50, completions_each=100, feedback=30_000, feedback_on_first=1_200
)


def seed(database: Path, scale: Scale) -> None:
    """Fill the tables that the reference has laid in an SQLite file, the same way each time."""
    chance = random.Random(3)  # noqa: S311 - the same data each time, no secret
    completions = [
        (user, challenge)
        for user in range(1, scale.users + 1)
        for challenge in sorted(chance.sample(range(1, scale.challenges + 1), scale.completions_each))
    ]
    popularity = Counter(challenge for _, challenge in completions)
    tables: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    tables["user"] = [(user, f"User {user}", SOME_TIME) for user in range(1, scale.users + 1)]
    for challenge in range(1, scale.challenges + 1):
        tags = [COMMON_TAG] * (challenge % 4 == 0) + chance.sample(TAGS, TAGS_EACH)
        title = f"{' '.join(chance.choices(WORDS, k=3))} {challenge}"
        keys = (chance.randrange(3), chance.choice(TOPICS), popularity[challenge])
        designer = chance.randint(1, scale.users)
        text = " ".join(chance.choices(WORDS, k=12))
        tables["challenge"].append((challenge, title, text, *keys, json.dumps(tags), designer, SOME_TIME))
        tables["challenge_text"].append((challenge, title, text))
        tables["challenge_tag"] += [(tag.lower(), challenge, *keys) for tag in tags]
    for path in range(1, scale.paths + 1):
        tables["learning_path"].append((path, f"Path {path}", "Twenty steps", SOME_TIME))
        steps = chance.sample(range(1, scale.challenges + 1), STEPS_EACH)
        tables["path_step"] += [(path, position, challenge) for position, challenge in enumerate(steps)]
    for user in range(1, scale.users + 1):
        paths = chance.sample(range(1, scale.paths + 1), PATHS_EACH)
        tables["enrolment"] += [(user, path) for path in paths]
    tables["completion"] = list(completions)
    tables["feedback"] = list(make_feedback(chance, scale))
    with closing(sqlite3.connect(database)) as connection:
        for table, columns in COLUMNS.items():
            marks = ", ".join("?" * len(columns.split(",")))
            insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - all of it is ours
            connection.executemany(insert, tables[table])
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


COLUMNS = {
    "user": "id, name, created_at",
    "challenge": "id, title, description, difficulty, topic, completions, tags, designer_id, created_at",
    "challenge_text": "rowid, title, description",
    "challenge_tag": "tag, challenge_id, difficulty, topic, completions",
    "learning_path": "id, title, description, created_at",
    "path_step": "path_id, position, challenge_id",
    "enrolment": "user_id, path_id",
    "completion": "user_id, challenge_id",
    "feedback": "challenge_id, user_id, stars, text, created_at",
}
"""The reference's tables in the order in which they refer to each other, and the columns to fill."""


def make_feedback(chance: random.Random, scale: Scale) -> Iterator[tuple[object, ...]]:
    """Give ratings (one for each user and challenge) and comments in a random order."""
    rated = set()
    challenges = [1] * scale.feedback_on_first
    challenges += chance.choices(range(2, scale.challenges + 1), k=scale.feedback - scale.feedback_on_first)
    chance.shuffle(challenges)
    for challenge in challenges:
        user = chance.randint(1, scale.users)
        if chance.random() < 0.5 and (challenge, user) not in rated:
            rated.add((challenge, user))
            yield challenge, user, chance.randint(1, 5), None, SOME_TIME
        else:
            yield challenge, user, None, " ".join(chance.choices(WORDS, k=10)), SOME_TIME


class UseCases:
    """The five use cases of the brief, as requests with varied parameters to a server with data of one scale."""

    def __init__(self, client: Client, scale: Scale) -> None:
        self.client = client
        self.scale = scale
        self.chance = random.Random(4)  # noqa: S311 - the same requests each time

    def browse(self, page: int | None = None) -> None:
        """Ask for all challenges with the common tag, sorted by difficulty."""
        self.get("/challenges", tag=COMMON_TAG, sort="difficulty", page=page or self.chance.randint(1, 20))

    def view_feedback(self) -> None:
        """Ask for the feedback on a challenge, as much of it as one page takes; often on the one that has the most."""
        challenge = self.chance.choice([1, self.any_challenge()])
        self.get(f"/challenges/{challenge}/feedback", size=100)

    def see_progress(self) -> None:
        """Ask for the progress of a learner across all their paths."""
        self.get(f"/users/{self.chance.randint(1, self.scale.users)}/progress")

    def update(self) -> None:
        """Change the difficulty and the description of a challenge."""
        difficulty = self.chance.choice(["beginner", "intermediate", "advanced"])
        change = {"difficulty": difficulty, "description": " ".join(self.chance.choices(WORDS, k=12))}
        self.client.patch(f"/challenges/{self.any_challenge()}", json=change).raise_for_status()

    def page_feedback(self, page: int | None = None) -> None:
        """Ask for a page of the feedback on the challenge that has the most of it, 10 entries a page."""
        self.get("/challenges/1/feedback", page=page or self.chance.randint(1, 100), size=10)

    def any_challenge(self) -> int:
        """Choose a challenge."""
        return self.chance.randint(1, self.scale.challenges)

    def get(self, path: str, **query: str | int) -> None:
        """Ask for a page, and see that there is one."""
        self.client.get(path, params=query).raise_for_status()


USE_CASES = {
    "browse": "challenges tagged Python, by difficulty",
    "view_feedback": "all feedback on a challenge",
    "see_progress": "progress across all paths",
    "update": "a changed difficulty and description",
    "page_feedback": "feedback, 10 a page",
}
"""The methods of `UseCases`, and what each row of the result calls them."""
PAGED = ("browse", "page_feedback")


@contextmanager
def servers(python: Path) -> Iterator[tuple[Client, UseCases, UseCases]]:
    """Start the constant endpoint, and the reference with the large and with the small data."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        runner = Runner(python, ("sqlmodel", "pydantic-settings"))
        stack.callback(runner.close)
        (folder / "constant").mkdir()
        (folder / "constant/main.py").write_text(CONSTANT_APP)

        def start(app: App, database: Path) -> Server:
            launcher = Launcher(runner, app)
            stack.callback(launcher.close)
            server = launcher.launch(DATABASE_URL=f"sqlite:///{database}")
            stack.callback(server.close)
            return server

        def start_seeded(name: str, scale: Scale) -> UseCases:
            database = folder / name
            server = start(SOLUTION, database)
            server.client.get("/users").raise_for_status()  # it has started, so its tables are there
            seed(database, scale)
            return UseCases(server.client, scale)

        constant = start(App(folder, "constant"), folder / "unused.db").client
        yield constant, start_seeded("large.db", LARGE), start_seeded("small.db", SMALL)


def ask_in_turns(requests: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Send every request once a round, and give for each the seconds that 95 of 100 stay below."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for _ in range(WARM_UP + rounds):
        for name, request in requests.items():
            started = time.perf_counter()
            request()
            seconds[name].append(time.perf_counter() - started)
    return {name: percentile(times[WARM_UP:], 95) for name, times in seconds.items()}


def measure() -> list[Row]:
    """Measure everything, and give the comparisons."""
    with servers(Path(sys.executable)) as (constant, large, small):
        requests: dict[str, Callable[[], object]] = {"constant": partial(constant.get, "/")}
        for name in USE_CASES:
            requests[name] = getattr(large, name)
            requests[f"small {name}"] = getattr(small, name)
        for name in PAGED:
            requests[f"{name} page 1"] = partial(getattr(large, name), page=1)
            requests[f"{name} page 1000"] = partial(getattr(large, name), page=1000)
        p95 = ask_in_turns(requests)

    def compare(name: str, to: str, limit: float, words: str) -> Row:
        return Row(f"{USE_CASES[name.split(maxsplit=1)[0]]}: {words}", p95[name] / p95[to], limit, "x")

    return [
        *(compare(name, "constant", SLOWER_THAN_CONSTANT, "to a constant endpoint") for name in USE_CASES),
        *(compare(name, f"small {name}", SLOWER_THAN_SMALL, "to a tenth of the data") for name in USE_CASES),
        *(
            compare(f"{name} page 1000", f"{name} page 1", SLOWER_THAN_FIRST_PAGE, "page 1,000 to page 1")
            for name in PAGED
        ),
    ]


if __name__ == "__main__":
    print("| what | at most | measured | met |")
    print("|---|---|---|---|")
    for row in measure():
        print(row.as_markdown())
