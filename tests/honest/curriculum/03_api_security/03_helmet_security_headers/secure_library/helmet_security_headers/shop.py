"""What the shop has: its products and orders, in memory."""

from .models import Order, OrderCreate, Product

PRODUCTS = {
    product.id: product
    for product in (
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
}
orders: list[Order] = []


def place_order(new: OrderCreate) -> Order:
    """Note an order, and return it with its id."""
    order = Order(id=len(orders) + 1, **new.model_dump())
    orders.append(order)
    return order
