"""What tests send: random words and addresses, and texts and ids that careless code gets wrong."""

import random

WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "haven",
    "inlet",
    "jetty",
    "kelp",
    "lagoon",
]
KEPT_TEXTS = {
    "blanks at both ends": "  two blanks, a tab and a line break \t\n",
    "line breaks of Windows": "one\r\ntwo\rthree\nfour",
    "accents, composed and decomposed": "caf\u00e9 cafe\u0301 \u212b",
    "capitals that change their length": "\u0130stanbul stra\u00dfe \ufb01",
    "HTML": "<b>bold</b> & &amp; \"quoted\" 'twice'",
    "signs of other languages": "%s {0} ${x} \\n \\ -- ; ' OR 1=1",
    "a number in a string": "007",
    "null in a string": "null",
    "characters that are not seen": "\ufeffone\u00a0two\u00adthree\u200bfour\u0085five\x01\x7f",
    "emoji": "\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "10,001 characters": "0123456789" * 1_000 + "x",
}
"""Texts that careless code changes (trimming, normalising, escaping, parsing, cutting), by what is odd about them."""
BLANK_TEXTS = {
    "empty": "",
    "a blank": " ",
    "tab and line break": "\t\r\n",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "thin space and line separator": "\u2009\u2028",
    "next line and Ogham space": "\u0085\u1680",
}
"""Texts of nothing but Unicode's white space, some of it not ASCII's."""
UNKNOWN_IDS = [0, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64 + 1, 10**30]
"""Integer ids that nobody is given: at the edges of what columns and drivers hold, and far beyond."""


class Values(random.Random):
    """Values that differ from run to run and from test to test, and that `--seed` brings back.

    It is a `random.Random` with a few words: the methods here never give the same value twice in a test.
    """

    made = 0

    def text(self, words: int = 3) -> str:
        """Return some words and a number, such as `cedar inlet ochre 7310`."""
        self.made += 1
        return " ".join([*self.choices(WORDS, k=words), f"{self.made}{self.randrange(1000):03}"])

    def email(self) -> str:
        """Return a valid address that nobody has (RFC 2606, section 3)."""
        return f"{self.text(1).replace(' ', '.')}@example.com"
