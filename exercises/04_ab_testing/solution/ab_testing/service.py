"""From a user to a variant: pure functions, whose results are the same in every process and in every year."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate


def number_of(experiment_name: str, user_id: str) -> float:
    """Return a user's number in an experiment: from 0 up to, but not including, 1; evenly spread, always the same.

    JSON keeps the two names apart whatever they contain: "a" and "bc" have another number than "ab" and "c".
    A float holds 53 bits; with more of them, the highest numbers would be rounded up to 1.
    """
    names = json.dumps([experiment_name, user_id]).encode()
    digest = blake2b(names, digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53


def bounds_of(weights: Sequence[float]) -> tuple[float, ...]:
    """Return for each variant the number at which its share ends; at least one weight must be above 0.

    The last bound is exactly 1, because it is a sum divided by itself. The weights are scaled to at most 1 first:
    the sum of huge ones would be infinite.
    """
    largest = max(weights)
    sums = list(accumulate(weight / largest for weight in weights))
    return tuple(one / sums[-1] for one in sums)


def place_of(number: float, bounds: Sequence[float]) -> int:
    """Return the index of the variant whose share contains a number: a share includes its start, not its end.

    So a share of width 0 contains no number, wherever it is.
    """
    return bisect_right(bounds, number)
