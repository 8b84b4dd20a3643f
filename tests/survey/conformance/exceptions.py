"""Assertions of openrosa-xpath-evaluator that we differ from on purpose or can't meet.

Each is a pattern over "spec › test" and the reason; `docs/surveys.md` explains them.
"""

from __future__ import annotations

import re

JAVAROSA_DATES = (
    "Enketo counts a date's days from midnight UTC, so that in Phoenix every date ends in .29; "
    "JavaRosa counts local days, and so do we"
)
ELEMENT_TREE = (
    "the standard library's XML tree keeps no document type, no nodes outside the root, no "
    "CDATA sections and no prefixes; forms have none of them"
)
AXES = "elementpath has no following and preceding nodes for attributes and for text"
NOT_OURS = "a programming interface of that package or of browsers, no expression"

EXCEPTIONS: dict[str, str] = {
    r"openrosa-xpath/date › .*(valid date string|number|comparisons|math|converts dates|"
    r"for nodes|datetype comparisons|date calculations)": JAVAROSA_DATES,
    r"openrosa-xpath/decimal-date-time › ": JAVAROSA_DATES,
    r"openrosa-xpath/date-time › .*positive number": JAVAROSA_DATES,
    r"openrosa-xpath/number › .*date string": JAVAROSA_DATES,
    r"openrosa-xpath/date(-time)? › .*invalid date": (
        "JavaScript's words “Invalid Date”; we give an empty answer, as nobody should read them"
    ),
    r"openrosa-xpath/format-date › ": (
        "a date as JavaScript prints it (“Tue Nov 24 2026 …”), which only JavaScript parses"
    ),
    r"openrosa-xpath/regex › ": "Enketo looks for the pattern anywhere, JavaRosa matches all",
    r"openrosa-xpath/randomize › .*invalid args": (
        "a seed that is no number is an error there; JavaRosa makes a seed of any text"
    ),
    r"openrosa-xpath/count-non-empty › ": ELEMENT_TREE,
    r"openrosa-xpath/custom › ?": NOT_OURS,
    r"native/namespace-resolver › ": NOT_OURS,
    r"native/axis › axis › (following|preceding|attribute) axis": AXES,
    r"native/axis › axis › (self|child|preceding-sibling)": ELEMENT_TREE,
    r"native/node-type › ": ELEMENT_TREE,
    r"native/nodeset › .*name\(\)": ELEMENT_TREE,
    r"native/union-operator › .*namespace": "a namespace node, which no form can hold as an answer",
}


def reason(test: str) -> str:
    """Why an assertion is excepted, or "" if it is not."""
    return next((why for pattern, why in EXCEPTIONS.items() if re.match(pattern, test)), "")
