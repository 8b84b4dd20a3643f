"""Fiscal Data Packages: a `datapackage.json` whose fields carry fiscal `columnType`s.

After the Fiscal Data Package specification 1.0 and its budget taxonomy
(https://fiscal.datapackage.org). What is read: one CSV resource with one `value` field (or one
a phase), a fiscal year, a place, a phase, and functional, economic and activity fields.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from content.budget_mapping import Mapping
from content.budgets import Stage
from content.finding import Refused

PHASES = {
    "proposed": "planned",
    "planned": "planned",
    "approved": "approved",
    "adjusted": "amended",
    "amended": "amended",
    "revised": "amended",
    "executed": "executed",
    "actual": "executed",
}
COFOG = {
    "01": "administration",
    "04": "infrastructure",
    "05": "environment",
    "06": "infrastructure",
    "07": "health",
    "08": "culture",
    "09": "education",
    "10": "social",
    "02": "other",
    "03": "other",
}
"""Divisions of the Classification of the Functions of Government."""
EXPENDITURE = ("expenditure", "Expenditure", "EXPENDITURE")

FIELD_OF = (
    ("year", ("date:fiscal-year",)),
    ("stage", ("phase:id", "phase:label")),
    ("place", ("geo:target:code", "geo:generic:code", "geo:source:code")),
    ("sector", ("functional-classification:cofog:division:code",)),
    ("programme", ("activity:generic:program:label", "activity:generic:program:code")),
)
"""Which column types serve a field, the best first."""
PLACE_AS_BODY = "administrative-classification:generic"
"""Where no place is given, the administrative code may be a unit's code."""


@dataclass(frozen=True, slots=True)
class Package:
    """The data file of a package and the mapping that reads it."""

    path: Path
    mapping: Mapping


def read_package(path: Path, resource: str = "") -> Package:
    """The package described by `path` (datapackage.json or its folder); raises Refused."""
    path = path / "datapackage.json" if path.is_dir() else path
    try:
        descriptor: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Refused.because(path.name, f"not a readable datapackage.json: {error}") from None
    if not isinstance(descriptor, dict) or not isinstance(descriptor.get("resources"), list):
        raise Refused.because(path.name, "no list of `resources`")
    chosen = _choose(path.name, descriptor["resources"], resource)
    data = _inside(path, chosen)
    fields = _fields(path.name, chosen)
    mapping = _mapping(path.name, descriptor, chosen, fields)
    return Package(data, mapping)


def _choose(where: str, resources: list[Any], wanted: str) -> dict[str, Any]:
    usable = [
        one
        for one in resources
        if isinstance(one, dict)
        and any(str(t).startswith("value") for t in _types(one))
        and wanted in ("", one.get("name"))
    ]
    if len(usable) == 1:
        return usable[0]
    names = ", ".join(str(one.get("name")) for one in resources if isinstance(one, dict))
    reason = "several resources hold amounts: name one" if usable else "no resource with a `value`"
    raise Refused.because(where, f"{reason} (resources: {names})")


def _types(resource: dict[str, Any]) -> list[str]:
    schema = resource.get("schema")
    fields = schema.get("fields", []) if isinstance(schema, dict) else []
    return [str(f.get("columnType", "")) for f in fields if isinstance(f, dict)]


def _inside(path: Path, resource: dict[str, Any]) -> Path:
    """The resource's file; only one beside the descriptor is read, never an address."""
    told = resource.get("path")
    told = told[0] if isinstance(told, list) and len(told) == 1 else told
    if not isinstance(told, str) or "://" in told:
        raise Refused.because(path.name, "the resource's `path` must be one file in the package")
    folder = path.parent.resolve()
    data = (folder / told).resolve()
    if not data.is_relative_to(folder):
        raise Refused.because(path.name, f"the path {told!r} leads out of the package")
    return data


def _fields(where: str, resource: dict[str, Any]) -> list[dict[str, Any]]:
    schema = resource["schema"]
    extra = schema.get("extraFields", [])
    if any("normalizationTarget" in field for field in extra if isinstance(field, dict)):
        raise Refused.because(where, "normalised packages are not read: unpivot the table first")
    return [field for field in (*schema["fields"], *extra) if isinstance(field, dict)]


def _mapping(
    where: str,
    descriptor: dict[str, Any],
    resource: dict[str, Any],
    fields: list[dict[str, Any]],
) -> Mapping:
    columns: dict[str, str] = {}
    constants = {"source": _source(descriptor), "as_of": _as_of(where, descriptor, resource)}
    for name, field in _assigned(fields).items():
        if "constant" in field:
            constants[name] = str(field["constant"])
        else:
            columns[name] = str(field["name"])
    by_type = {str(field.get("columnType")): str(field.get("name")) for field in fields}
    amounts = _amounts(where, fields, columns)
    direction, currency = by_type.get("direction"), by_type.get("value-currency:code")
    cofog = {alias: sector for code, sector in COFOG.items() for alias in (code, str(int(code)))}
    dialect = resource.get("dialect")
    try:
        return Mapping(
            columns=columns,
            constants=constants,
            amounts=amounts,
            values={"stage": PHASES, "sector": cofog},
            only={direction: EXPENDITURE} if direction else {},
            require={currency: ("MNT",)} if currency else {},
            delimiter=dialect.get("delimiter", "") if isinstance(dialect, dict) else "",
        )
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Refused.because(where, f"{reason} (from the fields' columnType)") from None


def _assigned(fields: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Which field of the table serves which field of a line."""
    by_type = {str(field.get("columnType", "")): field for field in fields}
    found = {
        name: by_type[kind]
        for name, kinds in FIELD_OF
        for kind in reversed(kinds)
        if kind in by_type
    }
    for name, prefix, ending in (
        ("econ_code", "economic-classification", ":code"),
        ("item", "economic-classification", ":label"),
        ("place", PLACE_AS_BODY, ":code"),
    ):
        deepest = sorted(k for k in by_type if k.startswith(prefix) and k.endswith(ending))
        if deepest and name not in found:
            found[name] = by_type[deepest[-1]]
    if "item" not in found and "econ_code" in found:
        found["item"] = found["econ_code"]
    return found


def _amounts(where: str, fields: list[dict[str, Any]], columns: dict[str, str]) -> dict[Stage, str]:
    """The value columns by phase; a single one goes into `columns` instead."""
    values = [field for field in fields if field.get("columnType") == "value"]
    if len(values) == 1 and "stage" in columns:
        columns["amount"] = str(values[0]["name"])
        return {}
    amounts = {}
    for value in values:
        phase = PHASES.get(str(value.get("phase", "")))
        if phase is None:
            raise Refused.because(
                where, f"the value field {value.get('name')!r} has no phase: {', '.join(PHASES)}"
            )
        amounts[Stage(phase)] = str(value["name"])
    return amounts


def _source(descriptor: dict[str, Any]) -> str:
    sources = descriptor.get("sources")
    first = sources[0] if isinstance(sources, list) and sources else {}
    told = first.get("path") or first.get("title") if isinstance(first, dict) else ""
    return str(told or descriptor.get("homepage") or descriptor.get("title") or "")


def _as_of(where: str, descriptor: dict[str, Any], resource: dict[str, Any]) -> str:
    for told in (resource, descriptor):
        for name in ("updated", "modified", "created"):
            if isinstance(told.get(name), str):
                return str(told[name])[:10]
    raise Refused.because(where, "no `created` or `updated` date: the figures must be dated")
