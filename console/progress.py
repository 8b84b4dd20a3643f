"""A campaign's counts made ready to be shown: who got how far, where it stops, what went wrong."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from console.access import Access
from console.preview import Forms
from conversations.survey.comparison import spoken
from conversations.survey.source import FormSource

ORDER = ("invited", "delivered", "opened", "started", "partial", "complete")
"""How far somebody may get; each includes those who got further."""
forms = Forms()
_INDEX = re.compile(r"\[\d+\]")
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table and of the chart beside it."""

    label: str
    n: int
    share: float = 0.0


def funnel(dispositions: dict[str, int]) -> list[Row]:
    """How many got at least so far; who refused had opened, unreachable were invited."""
    reached = dict(dispositions)
    reached["opened"] = reached.get("opened", 0) + reached.get("refused", 0)
    reached["invited"] = reached.get("invited", 0) + reached.get("unreachable", 0)
    total = sum(reached.get(name, 0) for name in ORDER)
    rows = []
    for position, name in enumerate(ORDER):
        n = sum(reached.get(later, 0) for later in ORDER[position:])
        rows.append(Row(name, n, n / total if total else 0.0))
    return rows


def places_table(places: list[dict[str, Any]], access: Access) -> list[dict[str, Any]]:
    """Asked, begun and complete by soum or district, the largest first; only their own."""
    rows = []
    for one in places:
        counts = {key: n for key, n in one.items() if key != "place"}
        asked = sum(n for key, n in counts.items() if key not in ("waiting", "ineligible"))
        begun = sum(counts.get(key, 0) for key in ("started", "partial", "complete"))
        complete = counts.get("complete", 0)
        if access.covers(one["place"]) and (asked or counts.get("waiting")):
            rows.append(
                {
                    "place": one["place"],
                    "waiting": counts.get("waiting", 0),
                    "asked": asked,
                    "begun": begun,
                    "complete": complete,
                    "share": complete / asked if asked else None,
                }
            )
    return sorted(rows, key=lambda row: (-row["asked"], row["place"]))[:100]


async def dropoff(form: dict[str, Any], counts: dict[str, Any], locale: str) -> list[Row]:
    """Where those who have not finished stand, question by question in the form's order."""
    nodes = {_INDEX.sub("", one["node"]): one["n"] for one in counts["nodes"]}
    if not nodes:
        return []
    source = FormSource.from_document(form)
    compiled = await asyncio.to_thread(forms.of, source)
    total = sum(counts["cases"].values())
    rows = []
    for node in compiled.order:
        if n := nodes.get(node.path):
            words = node.label.get(_language(compiled.languages, locale), ())
            text = "".join(part for part in words if isinstance(part, str))
            rows.append(Row(text or spoken(compiled, node.label) or node.path, n, n / total))
    most = sorted(rows, key=lambda row: -row.n)[:SHOWN]
    return [row for row in rows if row in most]


def _language(languages: Any, locale: str) -> str:
    """The form's own name of a language, such as "English (en)"."""
    return next((one for one in languages if one.endswith(f"({locale})")), "")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Messages that did not arrive, by why; `advice` names the words for what to do."""

    reason: str
    n: int
    advice: str


ADVICE = {
    "blocked": "blocked",
    "window": "window",
    "refused": "refused",
    "unknown": "unknown",
    "failed": "failed",
    "stopped": "channel",
    "stop": "stop",
    "consent": "stop",
    "quota": "quota",
    "ineligible": "quota",
}


def delivery_problems(reasons: list[dict[str, Any]]) -> list[Trouble]:
    """All kinds of push together, the commonest first."""
    sums: dict[str, int] = {}
    for one in reasons:
        sums[one["reason"]] = sums.get(one["reason"], 0) + one["n"]
    found = []
    for reason, n in sums.items():
        status, _, why = reason.partition(":")
        advice = ADVICE.get(why) or ADVICE.get(status) or "other"
        found.append(Trouble(reason, n, advice))
    return sorted(found, key=lambda one: -one.n)
