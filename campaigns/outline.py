"""What of a form can be scored: its indicators, and the questions that make groups of people."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from conversations.survey.form import Node, language_code
from conversations.survey.interpreter import Walk
from conversations.survey.source import FormSource
from conversations.survey.spots import Spot
from storage.store import Store

SCALE = ("1", "2", "3", "4", "5")
GROUPS = ("sex", "age_group", "disability", "herder", "low_income")
"""Names of questions by whose answers results are broken down."""

Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Scored:
    """A question answered with 1 to 5; other choices (don't know) carry no score."""

    path: str
    name: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Grouping:
    """A question that groups people; `values` are its choices with their labels."""

    path: str
    name: str
    values: Mapping[str, Labels]


@dataclass(frozen=True, slots=True)
class Outline:
    """A form version as far as results need it; `form_id` is the same for all versions."""

    form_id: str
    titles: Labels
    indicators: tuple[Scored, ...]
    groupings: tuple[Grouping, ...]
    open_questions: tuple[Scored, ...]


class Outlines:
    """Outlines by form version; versions never change, so each is read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Outline] = {}

    async def of(self, version: str) -> Outline:
        """The outline of a published version; raises KeyError when there is none."""
        if version not in self._known:
            source = FormSource.from_document(await self._store.forms.get(version))
            self._known[version] = await asyncio.to_thread(outline, source)
        return self._known[version]


def outline(source: FormSource) -> Outline:
    """The outline of a form."""
    form = source.compile()
    locales = {language_code(language) for language in form.languages} or {"mn"}
    now = datetime.now(UTC)
    walks = {each: Walk.start(form, "outline", now, locale=each) for each in sorted(locales)}
    plain = [node for node in form.questions if not _repeated(node)]
    indicators, groupings, texts = [], [], []
    for node in plain:
        spot = Spot(node, node.path)
        if node.kind == "text":
            texts.append(Scored(node.path, node.name, _labels(walks, spot)))
        if node.kind != "select_one":
            continue
        choices = _choices(walks, spot)
        if set(SCALE) <= set(choices):
            indicators.append(Scored(node.path, node.name, _labels(walks, spot)))
        elif node.name in GROUPS:
            groupings.append(Grouping(node.path, node.name, choices))
    titles = dict(source.titles) or {"mn": source.title}
    return Outline(source.form_id, titles, tuple(indicators), tuple(groupings), tuple(texts))


def _repeated(node: Node) -> bool:
    return any(around.kind == "repeat" for around in node.ancestors())


def _labels(walks: Mapping[str, Walk], spot: Spot) -> Labels:
    return {locale: walk.label(spot) for locale, walk in walks.items()}


def _choices(walks: Mapping[str, Walk], spot: Spot) -> dict[str, Labels]:
    found: dict[str, Labels] = {}
    for locale, walk in walks.items():
        for option in walk.options(spot):
            found.setdefault(option.name, {})[locale] = option.label
    return found
