"""All checks of a survey: pyxform's own, and ours for what pyxform lets through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elementpath.xpath_tokens import XPathToken

from conversations.survey import authoring
from conversations.survey.findings import Finding, Severity, error, warning
from conversations.survey.form import Form, FormError
from conversations.survey.grammar import Function, known_functions, public_name
from conversations.survey.layout import Layout
from conversations.survey.rules import circles
from conversations.survey.sheet_checks import check_sheets, nearest
from conversations.survey.source import FormSource
from conversations.survey.values import ExpressionError, is_dated
from conversations.survey.workbook import read_sheets
from conversations.survey.xpath import Expression

_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}]*?)\s*\}")
_CURLY = str.maketrans("‘’“”", "''\"\"")
"""Quotation marks that spreadsheets make curly; pyxform takes them for straight ones."""
_CALL = re.compile(r"^[a-z][\w:-]*\(.*\)$")
_YES_NO = frozenset(("yes", "no", "true", "false", "true()", "false()", "0", "1"))
EXPRESSIONS = (
    "relevant", "calculate", "constraint", "required", "readonly", "count", "choice_filter",
    "default",
)  # fmt: skip
_SHEET = re.compile(r"On the '(\w+)' sheet|'(\w+)' sheet")


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and the form version if the file makes one."""

    findings: tuple[Finding, ...]
    source: FormSource | None

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
    layout = Layout(sheets)
    findings = [*check_sheets(sheets), *check_cells(layout)]
    source = None
    try:
        source = authoring.convert_workbook(path)
        form = source.compile()
    except FormError as problem:
        if not any(finding.severity is Severity.ERROR for finding in findings):
            findings.append(_refused(str(problem)))
        return Report(tuple(_sorted(findings)), None)
    findings += [error("file_missing", "survey", name=name) for name in form.missing]
    findings += [*_tables(form, layout), *_circles(form, layout)]
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


def check_cells(layout: Layout) -> Iterator[Finding]:
    """What is wrong with the expressions, cell by cell."""
    for aspect in EXPRESSIONS:
        column = layout.column(aspect)
        for placed in layout.rows:
            source = placed.row.get(column).translate(_CURLY)
            if not source or source.lower() in _YES_NO or not _is_expression(aspect, source):
                continue
            written = _REFERENCE.sub(r" /data/\1 ", source)
            for finding in check_expression(Expression(written)):
                values = {**finding.values, "expression": source}
                yield Finding(
                    finding.code, finding.severity, "survey", placed.row.number, column, values
                )


def _is_expression(aspect: str, source: str) -> bool:
    """Whether a cell holds an expression; a default may be plain text."""
    return aspect != "default" or "${" in source or bool(_CALL.search(source))


def check_expression(expression: Expression) -> Iterator[Finding]:
    """What is wrong with one expression: syntax, unknown functions, arity, bare dates."""
    try:
        top = expression.token
    except ExpressionError as problem:
        detail = re.sub(r"^.*?\[err:\w+\]\s*", "", str(problem))
        yield error("syntax", detail=detail)
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


def _tables(form: Form, layout: Layout) -> Iterator[Finding]:
    """Lists and tables that an expression names and the form does not have."""
    for node, aspect, expression in form.expressions():
        try:
            tokens = list(_tokens(expression.token))
        except ExpressionError:
            continue
        for token in tokens:
            name = token[0] if token.symbol in ("instance", "pulldata") and len(token) else None
            if name is None or name.symbol != "(string)" or str(name.value) in form.tables:
                continue
            near = nearest(str(name.value), form.tables)
            placed = layout.find(node.path)
            row = placed.row.number if placed is not None else 0
            code = "table_misspelt" if near else "table_unknown"
            yield error(code, "survey", row, layout.column(aspect), name=str(name.value), near=near)


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
