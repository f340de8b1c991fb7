"""Counters, gauges and histograms, and the two formats that Prometheus reads."""

import bisect
from collections import defaultdict
from threading import Lock

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
Labels = tuple[tuple[str, str], ...]

lock = Lock()


def text_of(name: str, labels: Labels, value: float) -> str:
    """Write one sample."""
    pairs = ",".join(f'{key}="{text}"' for key, text in labels)
    return f"{name}{{{pairs}}} {value!r}" if pairs else f"{name} {value!r}"


class Number:
    """A counter, or the one value of a gauge."""

    def __init__(self, name: str, kind: str, about: str, start: tuple[Labels, ...] = ()) -> None:
        self.name, self.kind, self.about = name, kind, about
        self.values: defaultdict[Labels, float] = defaultdict(float, dict.fromkeys(start, 0))

    def add(self, amount: float, **labels: str) -> None:
        """Add to the value with these labels."""
        with lock:
            self.values[tuple(labels.items())] += amount

    def lines(self, family: str) -> list[str]:
        """Write all of it."""
        head = [f"# HELP {family} {self.about}", f"# TYPE {family} {self.kind}"]
        return head + [text_of(self.name, *pair) for pair in self.values.items()]


class Durations:
    """A histogram."""

    def __init__(self, name: str, about: str) -> None:
        self.name, self.about = name, about
        self.found: dict[Labels, list[int]] = {}
        self.sums: defaultdict[Labels, float] = defaultdict(float)

    def add(self, seconds: float, **labels: str) -> None:
        """Count a duration."""
        key = tuple(labels.items())
        with lock:
            self.found.setdefault(key, [0] * (len(BOUNDS) + 1))[bisect.bisect_left(BOUNDS, seconds)] += 1
            self.sums[key] += seconds

    def lines(self, family: str) -> list[str]:
        """Write all of it."""
        lines = [f"# HELP {family} {self.about}", f"# TYPE {family} histogram"]
        for labels, found in self.found.items():
            for number, bound in enumerate([*map(str, BOUNDS), "+Inf"], start=1):
                lines.append(text_of(f"{family}_bucket", (*labels, ("le", bound)), sum(found[:number])))
            lines.append(text_of(f"{family}_count", labels, sum(found)))
            lines.append(text_of(f"{family}_sum", labels, self.sums[labels]))
        return lines

    def p95(self, labels: Labels) -> float:
        """Return the least bound that holds 19 of 20."""
        seen, found = 0, self.found[labels]
        for bound, count in zip(BOUNDS, found, strict=False):
            seen += count
            if 20 * seen >= 19 * sum(found):
                return bound
        return 1.0


requests = Number("http_requests_total", "counter", "Requests.")
cpu = Number("http_request_cpu_seconds_total", "counter", "CPU time.")
now = Number("http_requests_in_progress", "gauge", "Requests in progress.", ((),))
durations = Durations("http_request_duration_seconds", "Time of requests.")
jobs = Durations("job_duration_seconds", "Time of jobs.")


def export(*, open_metrics: bool) -> str:
    """Write all metrics; OpenMetrics leaves `_total` out of a counter's name, and says where the end is."""
    with lock:
        lines = []
        for metric in (requests, cpu, now, durations, jobs):
            family = metric.name.removesuffix("_total") if open_metrics else metric.name
            lines += metric.lines(family)
    return "\n".join([*lines, *["# EOF"] * open_metrics, ""])
