"""Tells two apps of one contract apart: random requests to both, and the shortest that they answer differently.

The requests are made from the reference's OpenAPI document, from the words of the ticket, and from awkward values. What
the ticket leaves open is masked: the bodies of errors, ids, times, and the fields that `exercise.toml` names in
`[witness]`. For authors only: silence proves nothing, and no learner is judged by it.
"""

import json
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from ladder.checking.values import BLANK_TEXTS, KEPT_TEXTS, UNKNOWN_IDS
from ladder.client.errors import BadAnswerError, NoAnswerError
from ladder.client.exchange import Exchange
from ladder.client.http import Client
from ladder.course.catalog import App, Exercise, WitnessOptions
from ladder.serving.launcher import Launcher, warm_up

LENGTH = 30
"""How many requests a sequence has."""
SHRINK_SECONDS = 5.0
WEIGHTS = {"post": 4, "put": 4, "patch": 4, "get": 2, "delete": 1}
INTEGERS = [
    0,
    1,
    2,
    9,
    10,
    11,
    12,
    18,
    19,
    50,
    99,
    100,
    101,
    255,
    256,
    1_000,
    1_001,
    65_536,
    10**6,
    10**6 + 1,
    -1,
]
NUMBERS = [0.01, 0.5, 9.99, 1e-3, 0.1 + 0.2, 1e6, 1_000_000.01, -0.5]
DAYS = ["2031-05-16", "2031-05-17", "2024-02-29", "2031-02-29", "0001-01-01", "9999-12-31", "17.05.2031", ""]
ADDRESSES = [
    "ada",
    "ada@example",
    "ada@@example.com",
    " ada@example.com ",
    "Ada@Example.COM",
    "a.b+c@example.co.uk",
]
ODD = [None, True, False, 0, 1, -1, 1.0, 1.5, "1", "", " ", "x", [], ["x"], {}, {"x": 1}, 2**63, 10**30]
BODIES = [b"", b"null", b"[]", b"{}", b"x", b'"x"', b"{", b"[{}]", b"1"]
QUOTED = re.compile(r"`([^`\n]{1,40})`|\"([^\"\n]{1,40})\"")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
PLACEHOLDER = re.compile(r"\{[^}]*\}")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One request to make.

    Attributes:
        method: in capitals.
        path: as OpenAPI has it, with its parameters in braces.
        ids: for each parameter, which of the ids that were answered before (an index), or the text itself.
        query: names and values.
        body: as it is sent, if it has one.
    """

    method: str
    path: str
    ids: tuple[int | str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def target(self, known: Sequence[object]) -> str:
        """Return the path and the query, with the ids that this app has given."""
        path = self.path
        for one in self.ids:
            text = one if isinstance(one, str) else known[one % len(known)] if known else 1
            before, after = PLACEHOLDER.split(path, maxsplit=1)
            path = before + quote(str(text), safe="") + after
        return f"{path}?{urlencode(self.query)}" if self.query else path


@dataclass(frozen=True)
class Difference:
    """A sequence whose last request two apps answer differently."""

    operations: list[Operation]
    exchanges: list[Exchange]  # with the reference
    reference: object
    other: object


class Maker:
    """Makes random operations.

    Args:
        document: the reference's OpenAPI document.
        ticket: the ticket's text, whose quoted words become values.
        options: what the ticket leaves open.
        chance: where all choices come from.
    """

    def __init__(self, document: Schema, ticket: str, options: WitnessOptions, chance: random.Random) -> None:
        self.document = document
        self.options = options
        self.chance = chance
        self.words = sorted({word for pair in QUOTED.findall(ticket) for word in pair if word})
        self.operations = [
            (path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            for _ in range(WEIGHTS.get(method, 0))
        ]

    def sequence(self) -> list[Operation]:
        """Make a sequence, with a look at each list at its end, where a change that nobody saw shows."""
        made = [self.operation(*self.chance.choice(self.operations)) for _ in range(LENGTH)]
        return made + [
            Operation("GET", path)
            for path, methods in self.document["paths"].items()
            if "get" in methods and "{" not in path and not self.required(methods["get"])
        ]

    def required(self, operation: Schema) -> list[Schema]:
        """Return the query parameters that an operation cannot do without."""
        return [
            one for one in operation.get("parameters", []) if one["in"] == "query" and one.get("required")
        ]

    def operation(self, path: str, method: str, operation: Schema) -> Operation:
        """Make one operation."""
        parameters = operation.get("parameters", [])
        ids = tuple(self.path_id() for one in parameters if one["in"] == "path")
        query: list[tuple[str, str]] = []
        for one in parameters:
            if one["in"] == "query" and (one.get("required") or self.chance.random() < 0.3):
                value = self.value(one["schema"], one["name"], odd=self.chance.random() < 0.2)
                many = value if isinstance(value, list) else [value]
                query += [(one["name"], text_of(item)) for item in many if not isinstance(item, dict | None)]
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        body = self.body(media["schema"]) if media else None
        return Operation(method.upper(), path, ids, tuple(query), body)

    def path_id(self) -> int | str:
        """Choose an id: mostly one that the app has given."""
        if self.chance.random() < 0.8:
            return self.chance.randrange(4)
        others = ["x", "1.5", "00000000-0000-4000-8000-000000000000"] if self.options.other_ids else []
        return str(self.chance.choice([*UNKNOWN_IDS, *others]))

    def body(self, schema: Schema) -> bytes:
        """Make a payload: mostly valid, or with one or two faults."""
        if self.chance.random() < 0.05:
            return self.chance.choice(BODIES)
        fields = self.fields(schema)
        required = self.resolve(schema).get("required", [])
        payload: dict[str, object] = {
            name: self.value(one, name)
            for name, one in fields.items()
            if name in required or self.chance.random() < 0.5
        }
        for _ in range(self.chance.choice([0, 0, 0, 1, 1, 2])):
            if not fields:
                break
            name = self.chance.choice(sorted(fields))
            match self.chance.randrange(4):
                case 0:
                    payload.pop(name, None)
                case 1:
                    payload[self.chance.choice(["id", "extra", "created_at"])] = self.chance.choice(ODD)
                case _:
                    payload[name] = self.value(fields[name], name, odd=True)
        return json.dumps(payload).encode()

    def resolve(self, schema: Schema) -> Schema:
        """Follow references."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def fields(self, schema: Schema) -> Mapping[str, Schema]:
        """Return the fields of an object."""
        properties: Mapping[str, Schema] = self.resolve(schema).get("properties", {})
        return properties

    def value(self, schema: Schema, name: str, *, odd: bool = False) -> object:
        """Make a value of a type, or one that may be none."""
        schema = self.resolve(schema)
        if "anyOf" in schema:
            return self.value(self.chance.choice(schema["anyOf"]), name, odd=odd)
        kind, form = schema.get("type"), schema.get("format")
        if odd and self.chance.random() < 0.5:
            return self.chance.choice(ODD)
        if "enum" in schema:
            word = self.chance.choice(schema["enum"])
            return self.chance.choice(list(variants(str(word)))) if odd else word
        plain: dict[str, Sequence[object]] = {
            "integer": [*INTEGERS, self.chance.randint(1, 400)],
            "number": [*NUMBERS, *INTEGERS, self.chance.randint(1, 99_999) / 100],
            "boolean": [True, False],
            "null": [None],
        }
        if kind == "array":
            return [
                self.value(schema.get("items", {}), name, odd=odd) for _ in range(self.chance.randrange(4))
            ]
        if kind == "object":
            return {key: self.value(one, key, odd=odd) for key, one in self.fields(schema).items()}
        return self.chance.choice(plain.get(str(kind)) or list(self.texts(str(form), odd=odd)))

    def texts(self, form: str, *, odd: bool) -> Iterator[object]:
        """Yield strings to choose from."""
        if form == "date":
            yield from DAYS
        elif form == "email":
            domains = [word for word in self.words if re.fullmatch(r"[a-z.-]+\.[a-z]{2,}", word)] or [
                "example.com"
            ]
            yield from (f"ada@{self.chance.choice(['', '', 'mail.', 'not'])}{domain}" for domain in domains)
            yield from ADDRESSES if odd else ADDRESSES[4:]
        else:
            yield from ("Milk", "x", "x" * self.chance.choice([51, 80, 81, 101, 256, 1_001]))
            yield from KEPT_TEXTS.values()
            yield from variants(self.chance.choice(self.words or ["word"]))
            if odd:
                yield from BLANK_TEXTS.values()


def variants(word: str) -> Iterator[str]:
    """Yield a word, and texts that are nearly the same."""
    yield from (
        word,
        word,
        word.lower(),
        word.upper(),
        word.title(),
        f" {word} ",
        f"{word}\n",
        f"\u00a0{word}",
    )
    yield from (
        f"{word}.",
        f"{word}s",
        f"x{word}",
        word[:-1],
        word.replace(" ", "  "),
        word.replace(" ", "-"),
    )
    yield from (" ".join(word), f"{word} of Sales", f"Co-{word}", f"{word}\u200b")


def text_of(value: object) -> str:
    """Return a value as it stands in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Play:
    """One app's answers to a sequence, without what the ticket leaves open.

    Args:
        client: on a fresh server of the app.
        exercise: whose; its `[witness]` names the fields that are open.
    """

    def __init__(self, client: Client, exercise: Exercise) -> None:
        self.client = client
        self.open = set(exercise.manifest.witness.open)
        self.known: list[object] = []  # the ids that were given, in order
        self.numbers: dict[object, int] = {}

    def ask(self, operation: Operation) -> object:
        """Make one request, and return what of its answer is compared."""
        headers = {} if operation.body is None else {"Content-Type": "application/json"}
        try:
            response = self.client.request(
                operation.method, operation.target(self.known), content=operation.body, headers=headers
            )
        except (NoAnswerError, BadAnswerError) as error:
            return type(error).__name__
        if not response.is_success:
            has_two_faults = operation.ids and operation.body is not None  # perhaps: either may be told
            return (
                "404 or 422"
                if has_two_faults and response.status_code in {404, 422}
                else response.status_code
            )
        media = response.headers.get("Content-Type", "").partition(";")[0] if response.content else ""
        body: object = response.content
        with suppress(BadAnswerError):
            body = response.json() if response.content else None
        if operation.method == "POST" and isinstance(body, dict):
            self.known += [value for name, value in body.items() if is_id(name)][:1]
        return response.status_code, media, repr(self.mask(body, ""))

    def mask(self, value: object, name: str) -> object:
        """Return a value with its type, and without what may differ."""
        if name in self.open:
            return "open"
        if isinstance(value, dict):
            return {key: self.mask(one, key) for key, one in sorted(value.items())}
        if isinstance(value, list):
            return [self.mask(one, name) for one in value]
        if is_id(name) and value is not None:
            return type(value).__name__, self.numbers.setdefault(value, len(self.numbers))
        if isinstance(value, str) and TIME.fullmatch(value):
            return "time"
        return type(value).__name__, value


def is_id(name: str) -> bool:
    """Return whether a field of this name holds an id that the server gives."""
    return name == "id" or name.endswith("_id")


class Witness:
    """Looks for a difference between the reference and another app.

    Args:
        exercise: whose reference.
        launchers: one that starts the reference, and one that starts the other app.
        seed: brings the same requests back.
    """

    def __init__(self, exercise: Exercise, launchers: Sequence[Launcher], seed: int) -> None:
        self.exercise = exercise
        self.launchers = launchers
        server = launchers[0].launch()
        document = server.client.get("/openapi.json").raise_for_status().json()
        server.close()
        ticket = exercise.part("README.md").read_text(encoding="utf-8")
        self.maker = Maker(document, ticket, exercise.manifest.witness, random.Random(seed))  # noqa: S311 - nobody has to guess it
        self.requests = 0

    def find(self, seconds: float) -> Difference | None:
        """Look for so many seconds; what is found is made shorter for some more."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.compare(self.maker.sequence(), deadline)
            if found is not None:
                return self.shorten(found)
        return None

    def compare(self, operations: list[Operation], deadline: float) -> Difference | None:
        """Play a sequence on a fresh server of each, up to the first difference."""
        reference, other = (launcher.launch() for launcher in self.launchers)
        exchanges: list[Exchange] = []
        reference.record = exchanges.append
        plays = Play(reference.client, self.exercise), Play(other.client, self.exercise)
        try:
            for count, operation in enumerate(operations, start=1):
                seen, answer = (play.ask(operation) for play in plays)
                self.requests += 2
                if seen != answer:
                    return Difference(operations[:count], exchanges, seen, answer)
                if time.monotonic() > deadline:
                    break
        finally:
            reference.close()
            other.close()
        return None

    def shorten(self, found: Difference) -> Difference:
        """Leave out what the difference does not need: requests, in ever smaller parts, and fields of payloads."""
        deadline = time.monotonic() + SHRINK_SECONDS
        size = max(len(found.operations) // 2, 1)
        while time.monotonic() < deadline:
            shorter = self.first_of(shorter_sequences(found.operations, size), deadline)
            if shorter is not None:
                found = shorter
            elif size == 1:
                break
            size = max(size // 2, 1) if shorter is None else size
        return found

    def first_of(self, candidates: Iterator[list[Operation]], deadline: float) -> Difference | None:
        """Return the first difference that a candidate shows as well."""
        for operations in candidates:
            if time.monotonic() > deadline:
                break
            found = self.compare(operations, deadline)
            if found is not None:
                return found
        return None


def find_difference(exercise: Exercise, app: App, seconds: float, seed: int) -> tuple[Difference | None, int]:
    """Look for requests that the reference and another app answer differently.

    Args:
        exercise: whose reference.
        app: the other one.
        seconds: how long to look.
        seed: brings the same requests back.

    Returns:
        what was found, and how many requests were sent.

    Raises:
        LadderError: one of the two does not start.
    """
    runner, services = warm_up(exercise)
    with ExitStack() as stack:
        launchers = [Launcher(runner, one, services) for one in (exercise.solution, app)]
        for launcher in launchers:
            stack.callback(launcher.close)
            launcher.require_start()
        looking = Witness(exercise, launchers, seed)
        return looking.find(seconds), looking.requests


def shorter_sequences(operations: list[Operation], size: int) -> Iterator[list[Operation]]:
    """Yield the sequence without so many requests, at each place but the last; and with payloads of fewer fields."""
    for place in range(0, len(operations) - 1, size):
        yield operations[:place] + operations[min(place + size, len(operations) - 1) :]
    if size > 1:
        return
    for place, operation in enumerate(operations):
        with suppress(ValueError, TypeError):
            payload = json.loads(operation.body or b"")
            for name in payload if isinstance(payload, dict) else ():
                less = {key: value for key, value in payload.items() if key != name}
                changed = replace(operation, body=json.dumps(less).encode())
                yield [*operations[:place], changed, *operations[place + 1 :]]
