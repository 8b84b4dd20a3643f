"""Answers as a table: one row a case, one column a question."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from analytics.pseudonyms import export_id
from storage.store import Document, Store

ABOUT = (
    "case",
    "citizen",
    "form",
    "status",
    "started",
    "ended",
    "locale",
    "channel",
    "place",
    "facility",
    "campaign",
    "is_test",
)
"""Columns about the case itself; the form's questions follow."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is shown as text instead (OWASP).

    Numbers stay numbers: "-3" is no formula.
    """
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def row_of(case: Document, key: bytes) -> dict[str, Any]:
    """One case as a row."""
    about = {name: case.get(name, "") for name in ABOUT}
    about |= {
        "case": export_id(key, case["_id"]),
        "citizen": export_id(key, case["citizen"]),
        "started": _moment(case.get("started")),
        "ended": _moment(case.get("ended")),
    }
    values: dict[str, Any] = case.get("values", {})
    return about | values


def _moment(value: Any) -> str:
    return value.isoformat(timespec="seconds") if value is not None else ""


async def export_answers(
    store: Store, form_id: str, target: Path, key: bytes, *, with_tests: bool = False
) -> int:
    """Write all cases of `form_id`, all versions merged, to the CSV file `target`.

    UTF-8 with a byte-order mark, so that spreadsheets show Mongolian right. Returns the
    number of rows. The file appears whole or not at all.
    """
    columns = list(ABOUT)
    async for case in store.cases.of_form(form_id, with_tests=with_tests):
        columns += [name for name in case.get("values", {}) if name not in columns]
    partial = target.with_name(target.name + ".part")
    count = 0
    with partial.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        async for case in store.cases.of_form(form_id, with_tests=with_tests):
            row = row_of(case, key)
            writer.writerow({name: safe_cell(value) for name, value in row.items()})
            count += 1
    partial.replace(target)
    return count
