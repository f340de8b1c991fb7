"""What a field must be: functions that complain, and what they complain about, without a library."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

Complaints = Iterator[tuple[str, str]]
Rule = Callable[[str, Any], Complaints]
CENT, MAX_PRICE = Decimal("0.01"), Decimal(1_000_000)
LOCAL_PART = r"[A-Za-z0-9+_-]+(\.[A-Za-z0-9+_-]+)*"
LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"


def is_number(value: Any) -> bool:
    """Tell whether a value is a number that JSON has; the parser makes each a `Decimal` or an `int`."""
    return type(value) in {int, Decimal} and Decimal(value).is_finite()


def text(most: int | None = None) -> Rule:
    """Make the rule of a text that is not blank."""

    def check(name: str, value: Any) -> Complaints:
        if type(value) is not str or any(unicodedata.category(character) == "Cs" for character in value):
            yield name, "this is not a text"
        elif not value.strip():
            yield name, "this is blank"
        elif most is not None and len(value) > most:
            yield name, f"this has more than {most} characters"

    return check


def pattern(form: str, example: str) -> Rule:
    """Make the rule of a text of one form."""

    def check(name: str, value: Any) -> Complaints:
        if type(value) is not str or re.fullmatch(form, value, re.ASCII) is None:
            yield name, f"this should look like {example}"

    return check


def integer(least: int, most: int | None = None) -> Rule:
    """Make the rule of an integer in a range."""

    def check(name: str, value: Any) -> Complaints:
        if type(value) is not int:
            yield name, "this is not an integer"
        elif value < least or (most is not None and value > most):
            yield name, f"this is not in the range from {least}"

    return check


def price(name: str, value: Any) -> Complaints:
    """Complain about what is no price."""
    if not is_number(value):
        yield name, "this is not a number"
    elif not CENT <= value <= MAX_PRICE:
        yield name, "this is too little or too much"
    elif value != round(Decimal(value), 2):
        yield name, "there is no half cent"


def day(name: str, value: Any) -> Complaints:
    """Complain about what is no day."""
    if type(value) is not str or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        yield name, "this should look like 2031-05-17"
        return
    try:
        date.fromisoformat(value)
    except ValueError:
        yield name, "the calendar does not have this day"


def tags(name: str, value: Any) -> Complaints:
    """Complain about a list of tags, or about the tags in it."""
    if type(value) is not list:
        yield name, "this is not an array"
        return
    wrong = [
        complaint for position, tag in enumerate(value) for complaint in text(30)(f"{name}.{position}", tag)
    ]
    yield from wrong
    if not wrong and (len(value) > 10 or len({*value}) < len(value)):
        yield name, "at most ten tags, each of them once"


def nested(required: dict[str, Rule], optional: dict[str, Rule]) -> Rule:
    """Make the rule of an object."""

    def check(name: str, value: Any) -> Complaints:
        if type(value) is not dict:
            yield name, "this is not an object"
            return
        rules = required | optional
        prefix = f"{name}." if name else ""
        yield from ((prefix + field, "this is missing") for field in required if field not in value)
        yield from ((prefix + field, "nobody knows this field") for field in value if field not in rules)
        for field, rule in rules.items():
            if field in value:
                yield from rule(prefix + field, value[field])

    return check


def or_null(rule: Rule) -> Rule:
    """Let a rule accept null."""
    return lambda name, value: iter(()) if value is None else rule(name, value)


def in_query(name: str, value: str) -> Complaints:
    """Complain about a limit of prices in a query."""
    try:
        limit = Decimal(value)
    except InvalidOperation:
        limit = Decimal("nan")
    if limit.is_nan() or not 0 <= limit <= MAX_PRICE:
        yield name, "this is not a number from 0 to 1,000,000"


NAME = text(80)
EMAIL = pattern(rf"{LOCAL_PART}@({LABEL}\.)+{LABEL}", "ada@example.com")
SUPPLIER = nested({"name": NAME, "email": EMAIL}, {})
PRODUCT = nested(
    {"name": NAME, "price": price, "sku": pattern("[A-Z]{3}-[0-9]{4}", "ABC-1234")},
    {
        "stock": integer(0, 1_000_000),
        "tags": tags,
        "sale_price": or_null(price),
        "available_from": or_null(day),
        "available_until": or_null(day),
        "supplier": or_null(SUPPLIER),
    },
)
CUSTOMER = nested({"name": NAME, "email": EMAIL, "age": integer(19)}, {})
RANGE = nested({}, {"min_price": in_query, "max_price": in_query})
PAIRS = [
    ("price", "sale_price", lambda price, sale: sale < price),
    ("available_from", "available_until", lambda start, end: start < end),
    ("min_price", "max_price", lambda least, most: Decimal(least) <= Decimal(most)),
]


def judge(rule: Rule, sent: Any) -> list[tuple[str, str]]:
    """Collect all complaints about what was sent, those about two fields at the end."""
    complaints = list(rule("", sent))
    if type(sent) is not dict:
        return complaints
    right = {name for name, value in sent.items() if value is not None} - {name for name, _ in complaints}
    complaints += [
        (second, f"this does not go with {first}")
        for first, second, goes_with in PAIRS
        if {first, second} <= right and not goes_with(sent[first], sent[second])
    ]
    return complaints
