"""A class to write grades about: small makers with defaults, strings that attack readers, and a reader of HTML."""

from html.parser import HTMLParser

from ladder.checking.report import ExchangeRecord, Failure, Outcome, Report, Result
from ladder.course.ticket import Hints
from ladder.grading.results import CriterionGrade, Feedback, Grades, LearnerGrade, Status

HOSTILE = {
    "a formula": '=HYPERLINK("http://evil.example";"x")',
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "the end of a style": "</style></title></pre></code></table><b>",
    "an attribute": "\"'><a href='javascript:alert(1)' onclick=x>",
    "the end of a CDATA section": "]]>&amp;&#64;",
    "a terminal's commands": "a\x1b[2J\x1b]0;t\x07\x9b\x7f\x00b",
    "a workflow command": "::error::x",
    "workflow commands on lines of their own": "x\n::set-output name=a::b\r\n##[error]c\n::notice::d",
    "Markdown": "| @everyone | [a](http://evil.example) `` ` `` **b** ~~c~~ <!-- #1 www.evil.example a@b.example",
    "blank lines": "x\n\n# title\n\n\n- a\n\n    code",
    "a template": "{{ 7 * 7 }}{% raw %}",
    "half a surrogate pair": "x\ud800y\udfffz",
    "a turned direction": "a\u202egnp.exe\u2066\u200f",
    "separators of lines": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "no characters": "a\ufffeb\uffff\u0000",
    "a megabyte": "<&'\"" + "x" * 10**6,
}
"""Texts that a learner may put into names, answers and logs, by what they are."""


def make_failure(text="It differs.", *, exchanges=1, **fields):
    """Make a failure that holds this text everywhere."""
    exchange = ExchangeRecord(
        method="GET", target="/notes", curl=f"curl {text}", status=200, answer=text, milliseconds=1.5
    )
    values = {
        "message": text,
        "case": text,
        "place": "test_tiny.py:5",
        "expected": text,
        "actual": text,
        "log": text,
    }
    return Failure(**values | {"exchanges": [exchange] * exchanges} | fields)


def make_criterion(number, outcome=Outcome.PASSED, **fields):
    """Make the grade of one criterion, which is worth a point."""
    passed = outcome is Outcome.PASSED
    values = {"sentence": f"Sentence {number}.", "points": float(passed), "possible": 1.0}
    return CriterionGrade(**values | {"number": number, "outcome": outcome} | fields)


def make_learner(learner="ada", *outcomes, **fields):
    """Make a grade with one criterion for each outcome."""
    values = {
        "learner": learner,
        "submission": f"{learner}.zip",
        "digest": "0" * 64,
        "status": Status.GRADED,
        "criteria": [make_criterion(number, outcome) for number, outcome in enumerate(outcomes, start=1)],
    }
    return LearnerGrade(**values | fields)


def make_grades(*learners, **fields):
    """Make the grades of a class."""
    values = {
        "exercise": "scenarios/00_tiny",
        "title": "Tiny",
        "seed": 7,
        "repeat": 1,
        "isolation": "sandbox",
        "notes": [],
        "learners": list(learners),
    }
    return Grades(**values | fields)


def make_feedback(*runs, learner="ada"):
    """Make the reports of runs, each of them a list of (outcome, failures) in the order of the criteria."""
    return Feedback(learner=learner, reports=[make_report(run) for run in runs])


def make_report(run):
    """Make the report of one run."""
    results = [
        Result(
            number=number,
            sentence=f"Sentence {number}.",
            test=f"test_sentence_{number}",
            outcome=outcome,
            failures=failures,
        )
        for number, (outcome, failures) in enumerate(run, start=1)
    ]
    return Report(exercise="scenarios/00_tiny", app="/apps", seed=7, seconds=1.25, results=results)


def make_hints(count=1):
    """Make three hints for each of so many criteria."""
    steps = tuple(f"{word}: see `{word.lower()}`." for word in ("Nudge", "Concept", "Name"))
    return Hints({f"Sentence {number}.": steps for number in range(1, count + 1)})


class Page(HTMLParser):
    """What a reader of HTML finds in a text."""

    def __init__(self, html):
        super().__init__()
        self.found = []  # each tag with its attributes
        self.content = []
        self.style = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.lasttag == "style" and self.cdata_elem == "style":
            self.style += data
        else:
            self.content.append(data)

    def handle_endtag(self, tag):
        self.content.append(" " * (tag in {"dt", "dd", "td", "th"}))

    @property
    def text(self):
        return "".join(self.content)

    @property
    def tags(self):
        return {tag for tag, _ in self.found}

    def attributes(self, name, tag=None):
        """Return the values of an attribute, of all tags or of one."""
        return [attrs[name] for found, attrs in self.found if name in attrs and tag in {None, found}]
