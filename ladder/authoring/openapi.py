"""Compares what an app has answered with what its `/openapi.json` declares."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ladder.base.log import SHOWN_BYTES
from ladder.checking import kit
from ladder.client.exchange import Exchange

PARAMETER = re.compile(r"\\\{[^/]+?\\\}")
"""A path parameter, such as `{note_id}`, in a path whose special characters are escaped."""


class Exchanges:
    """A pytest plugin that keeps all exchanges of a run.

    Attributes:
        seen: they, in their order.
    """

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Keep those of a test that is over."""
        self.seen += kit.run_of(item.config).evidence.exchanges


def undeclared(document: dict[str, Any], exchanges: Iterable[Exchange]) -> list[str]:
    """Return one sentence for each kind of response that an app gave, and does not declare as it was.

    What it answers for paths and methods that it does not declare at all is left out: 404 and 405.

    Args:
        document: its OpenAPI document (3.1).
        exchanges: what it was asked and answered.
    """
    faults: dict[str, None] = {}
    for exchange in exchanges:
        operation = find_operation(document, exchange)
        if operation is not None and exchange.status is not None:
            name, responses = operation
            for fault in faults_of(document, responses, exchange):
                faults[f"{name} {fault}"] = None
    return list(faults)


def find_operation(document: dict[str, Any], exchange: Exchange) -> tuple[str, dict[str, Any]] | None:
    """Return the name of the operation that a request asked for, and the responses that it declares."""
    path = exchange.target.partition("?")[0]
    for template, operations in sorted(document["paths"].items(), key=lambda entry: "{" in entry[0]):
        pattern = PARAMETER.sub("[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and exchange.method.lower() in operations:
            return f"{exchange.method} {template}", operations[exchange.method.lower()]["responses"]
    return None


def faults_of(document: dict[str, Any], responses: dict[str, Any], exchange: Exchange) -> Iterator[str]:
    """Return in what a response differs from those that its operation declares."""
    declared = responses.get(str(exchange.status))
    if declared is None:
        yield f"answers {exchange.status}, which /openapi.json does not declare: add it to `responses`"
        return
    if not exchange.answer:
        return
    media_type = exchange.answer_headers.get("content-type", "").partition(";")[0].strip()
    if media_type not in declared.get("content", {}):
        names = ", ".join(declared.get("content", {})) or "no body"
        yield f"answers {exchange.status} with {media_type}; /openapi.json declares {names}"
        return
    schema = declared["content"][media_type].get("schema")
    if not schema:
        yield f"declares no model for {exchange.status}: name its type"
    elif media_type.endswith("json") and len(exchange.answer) < SHOWN_BYTES:
        whole = {**schema, "components": document.get("components", {})}  # where its references lead
        for error in Draft202012Validator(whole).iter_errors(json.loads(exchange.answer)):
            place = error.json_path.removeprefix("$").removeprefix(".") or "the body"
            yield f"answers {exchange.status} against its own model: {place}: {error.message}"
