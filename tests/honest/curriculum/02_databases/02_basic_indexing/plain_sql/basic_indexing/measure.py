"""The command that measures: each statement runs three times, with the values bound by the client."""

import argparse
import json
import os
from typing import Any

import psycopg

from .schema import go_back, prepare
from .statements import BY_EMAIL, BY_NAME, OF_CUSTOMER, OPEN, REVENUE

STATEMENTS = {
    "orders_of_customer": OF_CUSTOMER,
    "customers_by_email": BY_EMAIL,
    "open_orders": OPEN,
    "products_by_name": BY_NAME,
    "revenue": REVENUE,
    "new_orders": """
        INSERT INTO orders (customer_id, status, placed_at, total)
        SELECT customer_id, 'open', now(), total FROM orders LIMIT 1000
    """,
}
VALUES = """
SELECT
    (SELECT customer_id FROM orders GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS customer_id,
    (SELECT min(email) FROM customers) AS email,
    (SELECT min(name) || '%' FROM products) AS beginning,
    (SELECT max(placed_at) - interval '1 day' FROM orders) AS since,
    (SELECT max(placed_at) FROM orders) AS until,
    0 AS skip
"""


def run(connection: psycopg.Connection[Any], *, before: bool) -> dict[str, Any]:
    """Measure all statements, and undo it."""
    with connection.transaction(force_rollback=True):
        cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
        values = cursor.execute(VALUES).fetchone() or {}
        if before:
            go_back(connection)
        return {name: best(connection, statement, values) for name, statement in STATEMENTS.items()}


def best(connection: psycopg.Connection[Any], statement: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the best of three."""
    cursor = psycopg.ClientCursor(connection)
    found = []
    for _ in range(3):
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF) " + statement, values)
        [[report]] = cursor.fetchall()
        plan = report[0]["Plan"]
        blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        found.append({"ms": report[0]["Execution Time"], "blocks": blocks, "plan": plan})
    return min(found, key=lambda cost: cost["ms"])


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        prepare(connection)
        connection.commit()
        report = {"before": run(connection, before=True), "after": run(connection, before=False)}
    if parser.parse_args().json:
        print(json.dumps(report, indent=1))
        return
    print(f"{'statement':20} {'ms before':>10} {'ms after':>10} {'blocks before':>14} {'blocks after':>13}")
    groups = {name: [name] for name in STATEMENTS} | {"queries": list(STATEMENTS)[:5]}
    for title, names in groups.items():
        line = f"{title:20}"
        for key, width in (("ms", 10), ("blocks", 13)):
            for moment in ("before", "after"):
                line += f" {round(sum(report[moment][name][key] for name in names), 2):{width}}"
        print(line)


if __name__ == "__main__":
    main()
