"""Data to seed: the categories that every shop has, and invented samples. It knows no database.

The samples come from one seeded source, and nothing else may decide about them: no clock, no set, no `hash`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from faker import Faker

CATEGORIES = {"books": "Books", "garden": "Garden", "kitchen": "Kitchen", "office": "Office", "toys": "Toys"}
"""The names by the slugs."""
PRODUCTS = 20
ORDERS_EACH = 5
MAX_LINES = 3
MAX_QUANTITY = 5
START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES = 366 * 24 * 60
"""Those of 2024: dates that depend on today would be others tomorrow."""


@dataclass
class SampleProduct:
    """A product, and the slug of its category."""

    sku: str
    name: str
    price: Decimal
    category: str


@dataclass
class SampleOrder:
    """When something was ordered, and how much of each product, by its SKU."""

    placed_at: datetime
    quantities: dict[str, int]


@dataclass
class SampleCustomer:
    """A customer with orders."""

    name: str
    email: str
    orders: list[SampleOrder]


class Samples:
    """Invents the same products, and then the same customers, each time.

    Each customer follows from those before, so the first twenty of a hundred are the first twenty of a thousand.
    """

    def __init__(self) -> None:
        self.fake = Faker("en_US")
        self.fake.seed_instance(20_260)
        self.random = self.fake.random
        self.products = [self.invent_product(number) for number in range(1, PRODUCTS + 1)]

    def invent_product(self, number: int) -> SampleProduct:
        """Invent one product."""
        return SampleProduct(
            sku=f"SAMPLE-{number}",
            name=self.fake.catch_phrase(),
            price=Decimal(self.random.randint(100, 9_999)) / 100,
            category=self.random.choice(list(CATEGORIES)),
        )

    def invent_customers(self, count: int) -> list[SampleCustomer]:
        """Invent customers; the number in the email makes it unique, and its domain belongs to nobody."""
        return [
            SampleCustomer(
                name=self.fake.name(),
                email=f"{self.fake.user_name()}.{number}@example.com",
                orders=[self.invent_order() for _ in range(ORDERS_EACH)],
            )
            for number in range(1, count + 1)
        ]

    def invent_order(self) -> SampleOrder:
        """Invent one order of different products."""
        chosen = self.random.sample(self.products, self.random.randint(1, MAX_LINES))
        return SampleOrder(
            placed_at=START + timedelta(minutes=self.random.randrange(MINUTES)),
            quantities={product.sku: self.random.randint(1, MAX_QUANTITY) for product in chosen},
        )
