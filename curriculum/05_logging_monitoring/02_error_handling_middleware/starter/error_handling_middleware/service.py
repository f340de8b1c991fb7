"""The shop's rules, which know no HTTP."""

from collections.abc import AsyncIterator

from .database import Connection, connect
from .errors import NotFoundError, OutOfStockError
from .models import Order, OrderCreate, Product


async def find_product(connection: Connection, product_id: int) -> Product:
    """Return a product.

    Raises:
        NotFoundError: it is not there.
    """
    found = await connection.execute("SELECT id, name, stock FROM products WHERE id = %s", [product_id])
    row = await found.fetchone()
    if row is None:
        raise NotFoundError("There is no such product.")
    return Product(**row)


async def place_order(connection: Connection, new: OrderCreate) -> Order:
    """Take the products from the stock, and note the order.

    Raises:
        NotFoundError: the product is not there.
        OutOfStockError: there are not so many of it.
    """
    product = await find_product(connection, new.product_id)
    taken = await connection.execute(
        "UPDATE products SET stock = stock - %(quantity)s WHERE id = %(product_id)s AND stock >= %(quantity)s",
        new.model_dump(),
    )
    if not taken.rowcount:
        raise OutOfStockError(f"There are not so many of {product.name}.")
    placed = await connection.execute(
        "INSERT INTO orders (product_id, quantity) VALUES (%(product_id)s, %(quantity)s) RETURNING *",
        new.model_dump(),
    )
    return Order.model_validate(await placed.fetchone())


async def list_orders(connection: Connection) -> list[Order]:
    """Return all orders, oldest first."""
    found = await connection.execute("SELECT * FROM orders ORDER BY id")
    return [Order(**row) async for row in found]


async def confirm_order(database_url: str, order_id: int) -> None:
    """Note the mail that confirms an order; another program sends it."""
    async with connect(database_url) as connection:
        await connection.execute("INSERT INTO mails (order_id) VALUES (%s)", [order_id])


async def export_stock(database_url: str) -> AsyncIterator[str]:
    """Yield the lines of a table of all products; the first does not wait for the database."""
    yield "product_id,stock\n"
    async with connect(database_url) as connection:
        async for row in await connection.execute("SELECT id, stock FROM products ORDER BY id"):
            yield f"{row['id']},{row['stock']}\n"
