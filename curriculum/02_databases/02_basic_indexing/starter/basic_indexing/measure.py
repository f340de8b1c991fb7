"""Measure what the indexes save and what they cost, on the rows of the database: python -m basic_indexing.measure.

`explain` is finished. `samples.py` has the statements to execute.
"""

import sys
from collections.abc import Mapping
from typing import Any, TypedDict

from sqlalchemy import ClauseElement, Connection

ROUNDS = 3
"""How often a statement is executed. The least time counts: whatever else the machine does only adds to it."""


class Cost(TypedDict):
    """What PostgreSQL says of a statement that it has executed."""

    ms: float
    blocks: int  # those of tables and indexes that it looked into; no clock has a part in that
    plan: Mapping[str, Any]


def explain(connection: Connection, statement: ClauseElement) -> Cost:
    """Execute a statement some times, and return what the quickest one has cost."""
    compiled = statement.compile(connection)
    sql = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled}"
    runs = [connection.exec_driver_sql(sql, compiled.params).scalar_one()[0] for _ in range(ROUNDS)]
    quickest = min(runs, key=lambda run: run["Execution Time"])
    plan = quickest["Plan"]
    blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return {"ms": quickest["Execution Time"], "blocks": blocks, "plan": plan}


def main(*_options: str) -> None:
    """Measure without the indexes and with them, and print the report."""
    raise SystemExit("Nothing is measured yet.")


if __name__ == "__main__":
    main(*sys.argv[1:])
