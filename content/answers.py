"""An entitlement as a few short messages: sourced, dated facts, then what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from content.entitlement import Entitlement, Gap, Part, Source, Told, entitlements, sources
from content.wording import day
from locales import text

MAX_MESSAGES = 3
SHOWN_SOURCES = 3
"""Sources named under an answer; the rest stand behind the button."""

ASKED = {
    "what": (Part.WHAT, Part.COST),
    "cost": (Part.COST,),
    "who": (Part.WHO,),
    "how": (Part.HOW, Part.BRING, Part.WHERE),
    "bring": (Part.BRING, Part.HOW),
    "where": (Part.WHERE, Part.HOW),
    "refused": (Part.REFUSED,),
}
"""Which parts of the entry answer what was asked for."""


def answer(entry: Entitlement, asked: str, locale: str) -> list[str]:
    """The messages that answer `asked` (a key of `ASKED`, or "source"); at most three."""
    if asked == "source":
        return [_all_sources(entry, locale)]
    parts = ASKED.get(asked, ASKED["what"])
    if not has(entry, asked) and asked == "cost":
        # What something costs is often the heart of the matter, told under "what".
        parts = ASKED["what"]
    told: list[Told] = [*entry.facts(*parts), *entry.tips(*parts)]
    gaps = entry.unknown(*parts)
    heading = entry.title.in_(locale)
    if asked != "what":
        heading = f"{heading}: {text(locale, part_key('heading', entry, asked))}"
    if asked == "refused":
        told += _channels()
    facts = _facts(heading, told, locale) if told else ""
    unknown = _unknown(gaps, locale)
    if not told and not gaps:
        return [f"{heading}\n\n{text(locale, 'entitlement.nothing_on_this')}"]
    if entry.verified is None and asked == "what":
        return [f"{heading}\n\n{unknown}", *([_facts("", told, locale)] if told else [])]
    if not told:
        return [f"{heading}\n\n{unknown}"]
    return [message for message in (facts, unknown) if message][:MAX_MESSAGES]


def has(entry: Entitlement, asked: str) -> bool:
    """Whether the entry says anything to `asked`, be it that nothing is verified."""
    return any(item.part in ASKED[asked] for item in entry.told)


def part_key(kind: str, entry: Entitlement, asked: str) -> str:
    """The key of a part's words: a right is exercised, not claimed over a counter."""
    own = ".rights" if asked == "how" and entry.sector == "rights" else ""
    return f"entitlement.{kind}.{asked}{own}"


def _channels() -> list[Told]:
    """Where anyone who was refused can turn: the complaint channels, as facts."""
    return list(entitlements()["complaint_channels"].facts(Part.WHAT))


def _facts(heading: str, told: Sequence[Told], locale: str) -> str:
    lines = [item.text.in_(locale) for item in told]
    named = [key for item in told for key in item.sources]
    shown = _named(named, locale)
    footer = [text(locale, "entitlement.source", source=shown)] if shown else []
    return "\n\n".join([*([heading] if heading else []), *lines, *footer])


def _unknown(gaps: Iterable[Gap], locale: str) -> str:
    return "\n\n".join(f"❔ {gap.text.in_(locale)} {gap.ask.in_(locale)}" for gap in gaps)


def _named(keys: Iterable[str], locale: str) -> str:
    """The first sources by title, once each, with how many more there are."""
    titles = dict.fromkeys(_short(sources()[key], locale) for key in keys)
    shown = "; ".join(list(titles)[:SHOWN_SOURCES])
    more = len(titles) - SHOWN_SOURCES
    return f"{shown} {text(locale, 'entitlement.and_more', n=more)}" if more > 0 else shown


def _short(source: Source, locale: str) -> str:
    """Title and year: "Засгийн газрын тогтоол № 237 (2021 он)"."""
    number = f" № {source.number}" if source.number and source.kind == "decision" else ""
    if source.kind == "law" and source.year is None:
        return source.title.in_(locale)
    key = "entitlement.of_year" if source.year else "entitlement.undated"
    return f"{source.title.in_(locale)}{number} ({text(locale, key, year=source.year)})"


def _all_sources(entry: Entitlement, locale: str) -> str:
    """Every source of the entry with article, number, date and link, and when it was checked."""
    keys = dict.fromkeys(key for item in entry.told for key in item.sources)
    lines = [_full(sources()[key], locale) for key in keys]
    heading = f"{entry.title.in_(locale)}: {text(locale, 'entitlement.heading.source')}"
    checked = (
        text(locale, "entitlement.checked", day=day(entry.verified.checked, locale))
        if entry.verified
        else text(locale, "entitlement.unverified")
    )
    return "\n\n".join([heading, *lines, checked])


def _full(source: Source, locale: str) -> str:
    details = []
    if source.article:
        details.append(text(locale, "entitlement.article", article=source.article))
    if source.number and source.kind == "decision":
        details.append(f"№ {source.number}")
    if source.date is None and source.kind != "law":
        details.append(text(locale, "entitlement.undated"))
    elif isinstance(source.date, str):
        details.append(text(locale, "entitlement.of_year", year=source.date))
    elif source.date:
        details.append(day(source.date, locale))
    if source.confidence == "medium":
        details.append(text(locale, "entitlement.less_sure"))
    return f"• {source.title.in_(locale)}, {', '.join(details)}\n{source.link}"
