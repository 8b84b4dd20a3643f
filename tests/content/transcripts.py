"""The scripted conversations of `questions.yml`, held with the real engine, as transcripts.

Write the golden files anew with `python -m tests.content.transcripts` and read what changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from content.budgets import BudgetLine, BudgetSummary, summarise, totals
from content.facilities import Facility
from conversations.facts import BudgetOf, FacilitiesOf, ReportStatus
from conversations.messages import Outgoing
from tests.content.conversation import Citizen

SCRIPT = Path(__file__).parent / "questions.yml"
GOLDEN = Path(__file__).parent / "transcripts"
SLOTS = ("places", "year", "sector", "facility")


LINES = [
    BudgetLine(
        year=year,
        place="2101",
        stage=stage,
        amount=amount,
        item=item,
        source="Шилэн данс",
        as_of=f"{year}-12-31",
        sector="education",
        facility_kind="school",
    )
    for year, base in ((2022, 1_000), (2023, 1_100), (2024, 1_250))
    for stage, part in (("approved", 100), ("executed", 97))
    for item, amount in (
        ("Цалин хөлс", base * part * 9_200),
        ("Түлш, халаалт", base * part * 2_552),
    )
    if (year, stage) != (2024, "executed")
]
"""Three years of schools in Kherlen, Dornod, the last without execution."""
SCHOOL = Facility("s1", "Хэрлэн сумын 1-р сургууль", "school", "2101", pupils=812, pupils_year=2024)


def schools(query: BudgetOf) -> BudgetSummary | None:
    """What is known of `LINES`."""
    if query.place != "2101":
        return None
    pupils = SCHOOL.pupils if query.facility == "school" else 0
    return summarise(query, totals(LINES), pupils=pupils)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn: what the citizen did, what Onoo said, what the answer must hold."""

    done: str
    said: tuple[Outgoing, ...]
    must: tuple[str, ...]


def scripts() -> list[dict[str, Any]]:
    """The scripted conversations as written."""
    written: list[dict[str, Any]] = yaml.safe_load(SCRIPT.read_text("utf-8"))
    return written


def hold(script: dict[str, Any]) -> list[Exchange]:
    """Hold one conversation."""
    talk = Citizen(
        answers={BudgetOf: schools, FacilitiesOf: lambda _: (), ReportStatus: lambda _: None}
    )
    exchanges = []
    for turn in script["turns"]:
        if payload := turn.get("taps"):
            label = next((c.label for c in talk.choices if c.payload == payload), payload)
            talk.taps(payload)
            done = f"[{label}]"
        else:
            slots = {name: turn[name] for name in SLOTS if name in turn}
            if "places" in slots:
                slots["places"] = tuple(slots["places"])
            talk.says(turn["says"], turn.get("intent", ""), **slots)
            done = turn["says"]
        must = tuple(str(fragment) for fragment in turn["has"])
        exchanges.append(Exchange(done, tuple(talk.messages), must))
    return exchanges


def written(title: str, exchanges: list[Exchange]) -> str:
    """A conversation as a page that reads well."""
    lines = [f"# {title}", ""]
    for exchange in exchanges:
        lines += [f"**— {exchange.done}**", ""]
        for message in exchange.said:
            lines += [f"> {line}".rstrip() for line in message.text.splitlines()]
            if message.picture:
                lines += [">", "> (зураг)"]
            if message.choices:
                lines += [">", "> " + " · ".join(f"`{c.label}`" for c in message.choices)]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def golden(title: str) -> Path:
    """Where the transcript of a conversation is kept."""
    return GOLDEN / f"{title.lower().replace(' ', '_')}.md"


def write_all() -> None:
    """Write every transcript."""
    GOLDEN.mkdir(exist_ok=True)
    for script in scripts():
        golden(script["title"]).write_text(written(script["title"], hold(script)), "utf-8")


if __name__ == "__main__":
    write_all()
