"""All checks of a survey: pyxform's own, and ours for what pyxform lets through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elementpath.xpath_tokens import XPathToken

from conversations.survey import authoring
from conversations.survey.findings import Finding, Severity, error, warning
from conversations.survey.form import Form, FormError, Node
from conversations.survey.grammar import Function, known_functions, public_name
from conversations.survey.layout import Layout
from conversations.survey.rules import circles
from conversations.survey.sheet_checks import check_sheets, nearest
from conversations.survey.values import ExpressionError, is_dated
from conversations.survey.workbook import read_sheets
from conversations.survey.xpath import Expression

_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_SHEET = re.compile(r"On the '(\w+)' sheet|'(\w+)' sheet")


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and the form version if the file makes one."""

    findings: tuple[Finding, ...]
    source: authoring.FormSource | None

    @property
    def passed(self) -> bool:
        """Whether the form may be published."""
        return self.source is not None and not any(
            finding.severity is Severity.ERROR for finding in self.findings
        )


def check(path: Path) -> Report:
    """Check a workbook or Markdown file; never raises for what an author can get wrong."""
    try:
        sheets = read_sheets(path)
    except FormError as problem:
        return Report((error("unreadable", detail=str(problem)),), None)
    findings = list(check_sheets(sheets))
    layout = Layout(sheets)
    source = None
    try:
        source = authoring.convert_workbook(path)
        form = source.compile()
    except FormError as problem:
        if not any(finding.severity is Severity.ERROR for finding in findings):
            findings.append(_refused(str(problem)))
        return Report(tuple(_sorted(findings)), None)
    findings += check_form(form, layout)
    return Report(tuple(_sorted(findings)), source)


def _refused(message: str) -> Finding:
    """pyxform's own message, with the row it names."""
    row = _ROW.search(message)
    sheet = _SHEET.search(message)
    name = next(filter(None, sheet.groups()), "survey") if sheet else "survey"
    return error(
        "refused", name, int(row.group(1)) if row else 0, detail=_ROW.sub("", message).strip()
    )


def _sorted(findings: list[Finding]) -> list[Finding]:
    order = {"survey": 0, "choices": 1, "settings": 2}
    unique = {(f.code, f.sheet, f.row, f.column, str(f.values)): f for f in findings}
    return sorted(
        unique.values(),
        key=lambda f: (f.severity is Severity.WARNING, order.get(f.sheet.lower(), 3), f.row),
    )


def check_form(form: Form, layout: Layout) -> Iterator[Finding]:
    """Checks of a compiled form's expressions."""
    for node, aspect, expression in form.expressions():
        placed = layout.find(node.path)
        row = placed.row.number if placed is not None else 0
        column = layout.column(aspect)
        for finding in check_expression(expression):
            yield Finding(finding.code, finding.severity, "survey", row, column, finding.values)
    if not any(True for _ in _unparsed(form)):
        yield from _circles(form, layout)


def _unparsed(form: Form) -> Iterator[Node]:
    for node, _, expression in form.expressions():
        try:
            expression.token  # noqa: B018  (parses it)
        except ExpressionError:
            yield node


def check_expression(expression: Expression) -> Iterator[Finding]:
    """What is wrong with one expression: syntax, unknown functions, arity, bare dates."""
    try:
        top = expression.token
    except ExpressionError as problem:
        detail = re.sub(r"^.*?\[err:\w+\]\s*", "", str(problem))
        yield error("syntax", expression=expression.source, detail=detail)
        return
    for token in _tokens(top):
        if isinstance(token, Function):
            yield from _call(token)
        elif token.symbol in ("<", "<=", ">", ">=", "=", "!="):
            yield from _bare_dates(token)


def _tokens(token: XPathToken) -> Iterator[XPathToken]:
    yield token
    for child in token:
        yield from _tokens(child)


def _call(token: Function) -> Iterator[Finding]:
    name, given = public_name(str(token.symbol)), len(token)
    if token.call is None:
        near = nearest(name, known_functions())
        code = "function_misspelt" if near else "function_unknown"
        yield error(code, name=name, near=near)
    elif not token.fits:
        most = "" if token.most is None else str(token.most)
        wanted = str(token.least) if most == str(token.least) else f"{token.least}–{most or '…'}"
        yield error("function_arity", name=name, given=str(given), wanted=wanted)


def _bare_dates(token: XPathToken) -> Iterator[Finding]:
    """A date in quotes beside a comparison: other XLSForm tools compare it as text."""
    for side in token:
        if side.symbol == "(string)" and is_dated(str(side.value)):
            yield warning("date_in_quotes", date=str(side.value))


def _circles(form: Form, layout: Layout) -> Iterator[Finding]:
    for keys in circles(form):
        path, aspect = keys[0]
        placed = layout.find(path)
        names = " → ".join(dict.fromkeys(key[0].rpartition("/")[2] for key in keys))
        yield error(
            "circle",
            "survey",
            placed.row.number if placed is not None else 0,
            layout.column(aspect),
            names=names,
        )
