"""`content check`: whether what the bot knows is whole, sourced and of today.

Errors are wrong today and forever; warnings come with time (an entry over a year old) and
are left to people, so that a test run does not fail by the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

from content.entitlement import (
    FOLDER,
    SOURCES,
    ContentError,
    Entitlement,
    Part,
    Source,
    Words,
    read_entitlement,
    read_sources,
)
from content.finding import Finding

STALE = timedelta(days=365)
LONGEST = 300
"""Characters of one statement: more does not fit a small screen at a glance."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
MONTH_NUMBER = {name: str(number) for number, name in enumerate(MONTHS, 1)}
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
MONEY = re.compile(r"₮|төгрөг")


def figures(text: str) -> set[str]:
    """The numbers in `text`, thousands separators dropped, month names as numbers."""
    for month, number in MONTH_NUMBER.items():
        text = re.sub(rf"\b{month}\b", number, text)
    found = set()
    for match in NUMBER.findall(text):
        plain = match.replace(",", "")
        found.add(plain if "." in plain else str(int(plain)))
    return found


def source_figures(source: Source) -> set[str]:
    """Every number that may be quoted from `source`."""
    told = " ".join([source.says, source.article, source.number, source.title.en])
    dated = str(source.date or "").split("-")
    return figures(told) | {str(int(part)) for part in dated if part}


def quoted_sources(entry: Entitlement) -> set[str]:
    """The keys of all sources that `entry` names."""
    return {key for item in entry.told for key in item.sources}


def check_entry(entry: Entitlement, known: Mapping[str, Source], today: date) -> list[Finding]:
    """What is wrong with one entitlement."""
    name = f"{entry.topic}.yml"
    found: list[Finding] = []
    for item in entry.told:
        found += _check_text(name, item.part, item.text, item.sources, known)
    for gap in entry.gaps:
        found += _check_text(name, gap.part, gap.ask, gap.sources, known)
    found += _check_structure(name, entry)
    if today - entry.as_of > STALE:
        found.append(Finding(name, f"last checked on {entry.as_of}, over a year ago", False))
    return found


def _check_text(
    name: str, part: Part, text: Words, keys: Iterable[str], known: Mapping[str, Source]
) -> list[Finding]:
    where = f"{name}, {part}"
    found = [
        Finding(where, f"source {key!r} is not in sources.yml") for key in keys if key not in known
    ]
    quoted = figures(text.mn)
    if quoted != figures(text.en):
        odd = ", ".join(sorted(quoted ^ figures(text.en)))
        found.append(Finding(where, f"mn and en give different figures: {odd}"))
    sourced = {number for key in keys if key in known for number in source_figures(known[key])}
    if unsourced := (quoted | figures(text.en)) - sourced:
        odd = ", ".join(sorted(unsourced))
        found.append(Finding(where, f"figures that no named source states: {odd}"))
    if MONEY.search(text.mn) and not _dated(quoted) and not _hedged(keys, known):
        found.append(Finding(where, "an amount of money without its year"))
    found += [
        Finding(where, f"the {locale} text has {len(words)} characters, at most {LONGEST}")
        for locale, words in (("mn", text.mn), ("en", text.en))
        if len(words) > LONGEST
    ]
    return found


def _dated(numbers: Iterable[str]) -> bool:
    return any(re.fullmatch(r"(19|20)\d\d", number) for number in numbers)


def _hedged(keys: Iterable[str], known: Mapping[str, Source]) -> bool:
    """An undated source can't give a year; what it says must be dated or hedged in words."""
    return all(known[key].year is None for key in keys if key in known)


def _check_structure(name: str, entry: Entitlement) -> list[Finding]:
    found = []
    if entry.verified and not entry.facts(Part.WHAT):
        found.append(Finding(name, "verified, but nothing is stated under 'what'"))
    if not entry.verified and not entry.gaps:
        found.append(Finding(name, "not verified, and no gap says whom to ask"))
    for part in (Part.HOW, Part.REFUSED):
        if not (entry.tips(part) or entry.facts(part)):
            found.append(Finding(name, f"nothing under {part!s}: the button would lead nowhere"))
    if (
        not (entry.facts(Part.WHO) or entry.unknown(Part.WHO))
        and entry.verified
        and entry.sector != "rights"
    ):
        found.append(Finding(name, "who is entitled is neither stated nor named as a gap"))
    return found


def check_links(entries: Mapping[str, Entitlement], known: Mapping[str, Source]) -> list[Finding]:
    """Related topics that don't exist, and sources nobody quotes."""
    found = [
        Finding(f"{topic}.yml", f"related topic {other!r} does not exist")
        for topic, entry in entries.items()
        for other in entry.related
        if other not in entries or other == topic
    ]
    quoted = {key for entry in entries.values() for key in quoted_sources(entry)}
    found += [
        Finding("sources.yml", f"{key} is quoted nowhere") for key in known if key not in quoted
    ]
    return found


def check_topics(entries: Iterable[str], nlu_topics: Iterable[str]) -> list[Finding]:
    """Topics that NLU knows and content does not, and the reverse."""
    ours, theirs = set(entries), set(nlu_topics)
    return [
        *(
            Finding(f"{topic}.yml", "NLU knows this topic, content does not")
            for topic in sorted(theirs - ours)
        ),
        *(
            Finding(f"{topic}.yml", "NLU has no examples of this topic")
            for topic in sorted(ours - theirs)
        ),
    ]


def check_content(
    today: date,
    nlu_topics: Iterable[str] | None = None,
    folder: Path = FOLDER,
    register: Path = SOURCES,
) -> list[Finding]:
    """Everything there is to say about the entitlements in `folder`; [] when all is well.

    `nlu_topics` are the topics of the training data, None to leave that comparison out.
    """
    found: list[Finding] = []
    entries: dict[str, Entitlement] = {}
    known: dict[str, Source] = {}
    try:
        known = read_sources(register)
    except ContentError as error:
        found += [Finding(register.name, problem) for problem in error.problems]
    for path in sorted(folder.glob("*.yml")):
        try:
            entries[path.stem] = read_entitlement(path)
        except ContentError as error:
            found += [Finding(path.name, problem) for problem in error.problems]
    for entry in entries.values():
        found += check_entry(entry, known, today)
    found += check_links(entries, known)
    if nlu_topics is not None:
        found += check_topics(entries, nlu_topics)
    return found
