"""JUnit XML, as CI servers read it; whatever a text holds, it stays well-formed and is no command to them."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

COMMAND = re.compile(r"^([ \t]*)(::|##)", re.MULTILINE)
"""How a line begins that a GitHub workflow or Azure Pipelines does: `::error::`, `##[error]`."""
NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535, *range(55296, 57344)), "�")
"""The characters that XML 1.0 cannot hold (section 2.2), and what is written for them."""
COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
"""The attribute of a suite that counts its test cases with such an element."""


class Suite:
    """One test suite.

    Args:
        name: what it is called; so are its cases' classes.
        properties: what else is known of it.
        seconds: how long it took, if that is known.
    """

    def __init__(self, name: str, properties: Mapping[str, str], seconds: float | None = None) -> None:
        self.name = clean_xml(name)
        self.element = ET.Element("testsuite", {"name": self.name, **time_of(seconds)})
        listed = ET.SubElement(self.element, "properties")
        for key, value in properties.items():
            ET.SubElement(listed, "property", name=key, value=clean_xml(value))

    def add_case(self, title: str, seconds: float | None = None) -> ET.Element:
        """Add a test case, which has passed unless something is added to it, and return it."""
        names = {"classname": self.name, "name": clean_xml(title)}
        return ET.SubElement(self.element, "testcase", names | time_of(seconds))

    def add_problem(self, text: str) -> None:
        """Say why all of it could not be judged."""
        ET.SubElement(self.element, "system-err").text = clean_xml(text)

    def count(self) -> None:
        """Write the numbers of its cases into its attributes."""
        cases = self.element.findall("testcase")
        self.element.set("tests", str(len(cases)))
        for attribute, tag in COUNTED.items():
            self.element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))


def time_of(seconds: float | None) -> dict[str, str]:
    """Return the attribute that tells how long something took, if that is known."""
    return {} if seconds is None else {"time": f"{seconds:.3f}"}


def add_fault(case: ET.Element, tag: str, message: str, text: str = "", **attributes: str) -> None:
    """Say why a test case has not passed.

    Args:
        case: what `add_case` gave.
        tag: `failure`, `error` or `skipped`.
        message: a line.
        text: all that is to be told.
        attributes: others of the element.
    """
    fault = ET.SubElement(case, tag, {"message": clean_xml(message), **attributes})
    fault.text = clean_xml(text) or None


def write_suites(suites: list[Suite], name: str) -> str:
    """Return a document of some suites."""
    document = ET.Element("testsuites", name=clean_xml(name))
    for suite in suites:
        suite.count()
        document.append(suite.element)
    for attribute in ("tests", *COUNTED):
        document.set(attribute, str(sum(int(suite.element.attrib[attribute]) for suite in suites)))
    ET.indent(document)
    return ET.tostring(document, encoding="unicode", xml_declaration=True) + "\n"


def clean_xml(text: str) -> str:
    """Replace the characters that XML cannot hold, and escape what a CI would take for commands of its own."""
    return COMMAND.sub(r"\1\\\2", text.translate(NOT_XML))
