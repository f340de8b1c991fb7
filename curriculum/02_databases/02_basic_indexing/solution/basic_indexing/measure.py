"""Measure what the indexes save and what they cost, on the rows of the database: python -m basic_indexing.measure.

It undoes all that it does, but nobody else can use the orders meanwhile. Use it on a copy.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any, TypedDict

from sqlalchemy import ClauseElement, Connection, Engine

from .database import drop_indexes, open_database
from .samples import sample_statements

ROUNDS = 3
"""How often a statement is executed. The least time counts: whatever else the machine does only adds to it."""
WRITE = "new_orders"
"""The statement that is no query."""


class Cost(TypedDict):
    """What PostgreSQL says of a statement that it has executed."""

    ms: float
    blocks: int  # those of tables and indexes that it looked into; no clock has a part in that
    plan: Mapping[str, Any]


Costs = dict[str, Cost]


def measure(engine: Engine, *, with_indexes: bool) -> Costs:
    """Execute all statements in a transaction that is never committed, so that even the indexes come back."""
    with engine.connect() as connection:
        statements = sample_statements(connection)
        if not with_indexes:
            drop_indexes(connection)
        return {name: explain(connection, statement) for name, statement in statements.items()}


def explain(connection: Connection, statement: ClauseElement) -> Cost:
    """Execute a statement some times, and return what the quickest one has cost."""
    compiled = statement.compile(connection)
    sql = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {compiled}"
    runs = [connection.exec_driver_sql(sql, compiled.params).scalar_one()[0] for _ in range(ROUNDS)]
    quickest = min(runs, key=lambda run: run["Execution Time"])
    plan = quickest["Plan"]
    blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return {"ms": quickest["Execution Time"], "blocks": blocks, "plan": plan}


def table(before: Costs, after: Costs) -> str:
    """Return the report for people: a line for each statement, and one for the five queries together."""
    lines = [
        "| statement | ms before | ms after | blocks before | blocks after |",
        "|---|---:|---:|---:|---:|",
    ]
    groups = {name: [name] for name in before}
    groups["queries"] = [name for name in before if name != WRITE]
    for title, names in groups.items():
        ms = [f"{sum(costs[name]['ms'] for name in names):.2f}" for costs in (before, after)]
        blocks = [str(sum(costs[name]["blocks"] for name in names)) for costs in (before, after)]
        lines.append(f"| {' | '.join([title, *ms, *blocks])} |")
    return "\n".join(lines)


def main(*options: str) -> None:
    """Measure without the indexes and with them, and print the report."""
    with open_database() as engine:
        before, after = measure(engine, with_indexes=False), measure(engine, with_indexes=True)
    if "--json" in options:
        print(json.dumps({"before": before, "after": after}))
    else:
        print(table(before, after))


if __name__ == "__main__":
    main(*sys.argv[1:])
