"""`datapackage.json`: the files described by Data Package 1.0 and Table Schema (Frictionless).

https://specs.frictionlessdata.io/data-package/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from analytics.codebook import Described
from analytics.columns import Column, Kind
from analytics.request import Format

_TYPES = {
    Kind.INTEGER: {"type": "integer"},
    Kind.DECIMAL: {"type": "number"},
    Kind.DATE: {"type": "date"},
    Kind.TIME: {"type": "time"},
    Kind.DATETIME: {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S.%fZ"},
}
_NO_NAME = re.compile(r"[^-a-z0-9._]+")


def package(
    name: str,
    title: str,
    tables: Sequence[Described],
    files: Mapping[str, str],
    wanted: Format,
    hashes: Mapping[str, tuple[str, int]],
) -> dict[str, Any]:
    """The description of an export; `hashes` are (sha256, bytes) by file."""
    names = _resource_names([one.table.name for one in tables])
    return {
        "profile": "tabular-data-package" if wanted is Format.CSV else "data-package",
        "name": _slug(name),
        "title": title,
        "resources": [_resource(one, names, files, wanted, hashes) for one in tables],
    }


def _resource(
    one: Described,
    names: Mapping[str, str],
    files: Mapping[str, str],
    wanted: Format,
    hashes: Mapping[str, tuple[str, int]],
) -> dict[str, Any]:
    path = files[one.table.name]
    digest, size = hashes[path]
    found: dict[str, Any] = {
        "name": names[one.table.name],
        "title": one.table.title,
        "path": path,
        "format": str(wanted),
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "rows": one.rows,
        "schema": _schema(one, names),
    }
    if wanted is Format.CSV:
        found["profile"] = "tabular-data-resource"
    if wanted is Format.XLSX:
        found["dialect"] = {"sheet": one.table.name}
    return found


def _schema(one: Described, names: Mapping[str, str]) -> dict[str, Any]:
    table = one.table
    schema: dict[str, Any] = {
        "fields": [_field(column, one) for column in table.columns],
        "missingValues": [""],
    }
    if len(table.key) == 1:
        schema["primaryKey"] = [one.renamed.get(name, name) for name in table.key]
    if table.parent:
        columns, parent = table.parent
        targets = ["row" if name == "parent_row" else name for name in columns]
        schema["foreignKeys"] = [
            {
                "fields": list(columns),
                "reference": {"resource": names[parent], "fields": targets},
            }
        ]
    return schema


def _field(column: Column, one: Described) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one.renamed.get(column.name, column.name)}
    found |= _TYPES.get(column.kind, {"type": "string"})
    if column.label:
        found["title"] = column.label
    if column.note:
        found["description"] = column.note
    if column.choices:
        found["choices"] = [{"value": name, "label": label} for name, label in column.choices]
    return found


def _resource_names(tables: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for number, table in enumerate(tables):
        slug = _slug(table)
        names[table] = f"{slug}-{number}" if slug in names.values() else slug
    return names


def _slug(text: str) -> str:
    return _NO_NAME.sub("-", text.lower()).strip("-") or "table"
