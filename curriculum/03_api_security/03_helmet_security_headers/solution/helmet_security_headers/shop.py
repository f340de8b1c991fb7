"""What the shop has: its products and orders, in memory."""

from .models import Order, OrderCreate, Product

SUPPLIED = (
    Product(
        id=1,
        name="Mug",
        description=(
            "<p>A <b>mug</b> of 300 ml.</p>"
            '<script>document.querySelector("#status").textContent = "Sold out. Try mugs.example!";</script>'
            '<img src="/static/no-such-image.svg" alt="" onerror="document.title = \'mugs.example\'">'
        ),
    ),
    Product(id=2, name="Plate", description="<p>A plate of 24 cm.</p>"),
)
products: dict[int, Product] = {}
orders: list[Order] = []


def open_shop() -> None:
    """Put on the shelves what the supplier has."""
    products.update((product.id, product) for product in SUPPLIED)


def place_order(new: OrderCreate) -> Order:
    """Note an order, and return it with its id."""
    order = Order(id=len(orders) + 1, **new.model_dump())
    orders.append(order)
    return order
