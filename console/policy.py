"""Published results of the whole country put together: where services fail, and for whom.

Made beforehand from what is public already, so nothing is shown here that was held back there.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from campaigns.results import FacilityResult
from console.charts import Bar
from console.places import above
from content.facilities import SECTOR_OF, Facility


def line_of(facility: Facility, result: FacilityResult, latest: bool) -> dict[str, Any]:
    """A published round of a facility, as far as the policy view needs it."""
    return {
        "facility": facility.code,
        "sector": SECTOR_OF[facility.kind],
        "aimag": above(facility.place),
        "latest": latest,
        "at": result.at,
        "indicators": [
            {"name": one.name, "label": one.label, "n": one.n, "mean": one.mean,
             "change": one.change}
            for one in result.indicators
            if one.mean is not None
        ],
        "groups": [
            {"dimension": one.dimension, "value": one.value, "label": one.label, "n": one.n,
             "mean": one.mean}
            for one in result.groups
            if one.n is not None
        ],
    }  # fmt: skip


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def narrowed(lines: list[dict[str, Any]], sector: str, aimag: str) -> list[dict[str, Any]]:
    """The latest round of each facility of a sector and an aimag, where given."""
    return [
        line
        for line in lines
        if line["latest"]
        and (not sector or line["sector"] == sector)
        and (not aimag or line["aimag"] == aimag)
    ]


def mean_of(line: dict[str, Any]) -> float | None:
    """A facility's mean over its indicators."""
    return _mean([one["mean"] for one in line["indicators"]])


def by_indicator(lines: list[dict[str, Any]], locale: str) -> list[dict[str, Any]]:
    """Each indicator's mean over the facilities that have it, the lowest first."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        for one in line["indicators"]:
            found[line["sector"], one["name"]].append(one)
    rows: list[dict[str, Any]] = [
        {
            "sector": sector,
            "label": ones[0]["label"].get(locale) or ones[0]["label"].get("mn") or name,
            "mean": _mean([one["mean"] for one in ones]),
            "change": _mean([one["change"] for one in ones if one["change"] is not None]),
            "facilities": len(ones),
        }
        for (sector, name), ones in found.items()
    ]
    return sorted(rows, key=lambda row: row["mean"])[:15]


def by_aimag(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each aimag's mean over its facilities, the lowest first."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        mean = mean_of(line)
        if mean is not None:
            found[line["aimag"]].append(mean)
    rows: list[dict[str, Any]] = [
        {"aimag": aimag, "mean": sum(means) / len(means), "facilities": len(means)}
        for aimag, means in found.items()
    ]
    return sorted(rows, key=lambda row: row["mean"])


def by_group(lines: list[dict[str, Any]], locale: str) -> list[dict[str, Any]]:
    """Each group's mean, weighted by people, over facilities where it is large enough to show."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        for one in line["groups"]:
            if one["mean"] is not None:
                found[one["dimension"], one["value"]].append(one)
    rows = []
    for (dimension, value), ones in sorted(found.items()):
        n = sum(one["n"] for one in ones)
        words = ones[0]["label"]
        label = words.get(locale) or words.get("mn")
        mean = sum(one["mean"] * one["n"] for one in ones) / n
        rows.append({"dimension": dimension, "label": label or value, "n": n, "mean": mean})
    return rows


def bars(rows: list[dict[str, Any]], label: str) -> list[Bar]:
    """Rows with a `mean` as bars."""
    return [Bar(str(row[label]), row["mean"]) for row in rows]
