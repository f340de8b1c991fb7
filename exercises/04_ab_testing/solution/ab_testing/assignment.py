"""From a user to a variant: pure functions, which give the same in every process and in every year."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate


def number_of(experiment_name: str, user_id: str) -> float:
    """Give a user's number in an experiment: as good as random from 0 to 1, without 1, and always the same.

    JSON keeps the two names apart whatever stands in them: "a" and "bc" give another number than "ab" and "c".
    A float holds 53 bits; with more of them, the highest numbers would be rounded up to 1.
    """
    names = json.dumps([experiment_name, user_id]).encode()
    digest = blake2b(names, digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / 2**53


def bounds_of(weights: Sequence[float]) -> tuple[float, ...]:
    """Give for each variant the number at which its share ends; at least one weight must be above 0.

    The last bound is exactly 1, since it is a sum divided by itself. The weights are first brought down to 1
    and below, so that their sum is a number even if they are huge.
    """
    largest = max(weights)
    sums = list(accumulate(weight / largest for weight in weights))
    return tuple(one / sums[-1] for one in sums)


def place_of(number: float, bounds: Sequence[float]) -> int:
    """Give the place of the variant whose share holds a number: its beginning belongs to a share, its end does not.

    So a share of no width holds no number at all, wherever it lies.
    """
    return bisect_right(bounds, number)
