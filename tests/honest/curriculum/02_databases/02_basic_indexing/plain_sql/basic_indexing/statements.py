"""The five queries, in SQL."""

ORDER = "SELECT id, customer_id, status, placed_at, total::float8 AS total FROM orders"
OF_CUSTOMER = (
    ORDER + " WHERE customer_id = %(customer_id)s ORDER BY placed_at DESC, id DESC LIMIT 20 OFFSET %(skip)s"
)
OPEN = ORDER + " WHERE status = 'open' ORDER BY placed_at, id LIMIT 20 OFFSET %(skip)s"
BY_EMAIL = "SELECT id, name, email FROM customers WHERE lower(email) = lower(%(email)s) ORDER BY id LIMIT 20"
BY_NAME = """
SELECT id, name, price::float8 AS price FROM products
WHERE name COLLATE "C" LIKE %(beginning)s ORDER BY name COLLATE "C", id LIMIT 20
"""
REVENUE = """
SELECT count(*) AS orders, coalesce(sum(total), 0)::float8 AS revenue FROM orders
WHERE placed_at >= %(since)s AND placed_at < %(until)s
"""


def beginning(text: str) -> str:
    """Return the pattern for texts that begin like this."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
