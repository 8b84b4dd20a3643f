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

HALVES, LOWEST = 6, 10


def line_of(facility: Facility, result: FacilityResult, latest: bool) -> dict[str, Any]:
    """A published round of a facility, as far as the policy view needs it."""
    return {
        "facility": facility.code,
        "name": facility.name,
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
    """What belongs to a sector and an aimag, where given: rounds, or promises."""
    return [
        line
        for line in lines
        if (not sector or line["sector"] == sector) and (not aimag or line["aimag"] == aimag)
    ]


def latest(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The latest round of each facility."""
    return [line for line in lines if line["latest"]]


def mean_of(line: dict[str, Any]) -> float | None:
    """A facility's mean over its indicators."""
    return _mean([one["mean"] for one in line["indicators"]])


def change_of(line: dict[str, Any]) -> float | None:
    """How a facility's indicators changed since its round before, on the whole."""
    return _mean([one["change"] for one in line["indicators"] if one["change"] is not None])


def by_half_year(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean over facilities of all rounds published in each half of a year, the oldest first.

    Other facilities may be asked in another half: how many there were stands beside.
    """
    found: dict[tuple[int, int], dict[str, list[float]]] = {}
    for line in lines:
        mean = mean_of(line)
        if mean is not None:
            at = (line["at"].year, 1 if line["at"].month <= 6 else 2)
            found.setdefault(at, {}).setdefault(line["facility"], []).append(mean)
    rows: list[dict[str, Any]] = []
    for (year, half), facilities in sorted(found.items()):
        means = [sum(rounds) / len(rounds) for rounds in facilities.values()]
        rows.append(
            {"when": f"{year}-{'I' * half}", "mean": _mean(means), "facilities": len(means)}
        )
    return rows[-HALVES:]


def lowest(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The facilities with the lowest means."""
    rows = [
        {**line, "mean": mean, "change": change_of(line)}
        for line in lines
        if (mean := mean_of(line)) is not None
    ]
    return sorted(rows, key=lambda row: row["mean"])[:LOWEST]


def kept(promises: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """What was promised and what was done of it, by aimag or sector, most promised first."""
    found: dict[str, dict[str, int]] = {}
    for one in promises:
        sums = found.setdefault(one[by], {"total": 0, "done": 0, "not_done": 0})
        sums["total"] += one["n"]
        if one["status"] in sums:
            sums[one["status"]] += one["n"]
    return sorted(
        ({by: name, **sums} for name, sums in found.items()), key=lambda row: -row["total"]
    )


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
    found: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
    for line in lines:
        mean = mean_of(line)
        if mean is not None:
            found[line["aimag"]].append((mean, change_of(line)))
    rows: list[dict[str, Any]] = [
        {
            "aimag": aimag,
            "mean": _mean([mean for mean, _ in ones]),
            "change": _mean([change for _, change in ones if change is not None]),
            "facilities": len(ones),
        }
        for aimag, ones in found.items()
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
