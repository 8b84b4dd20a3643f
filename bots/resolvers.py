"""Who answers what a turn asks: storage, content and language understanding."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from bots.campaign_facts import register_campaign_facts
from bots.civic_facts import register_civic_facts
from bots.facts import Facts
from conversations.facts import Known, KnownAboutMe, OpenSurveys, SurveyOffer, Understand
from conversations.survey.form import Form, FormVersion
from conversations.survey.source import FormSource
from nlu.client import NluClient
from nlu.understanding import Understanding
from storage.store import Document, Store

FORMS_CACHED = 64


class FormCache:
    """Compiled forms by version; versions never change, so they are compiled once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._forms: OrderedDict[str, Form] = OrderedDict()

    async def of(self, query: FormVersion, _: str) -> Form:
        """The compiled form; raises KeyError for an unknown version."""
        if query.version not in self._forms:
            document = await self._store.forms.get(query.version)
            source = FormSource.from_document(document)
            self._forms[query.version] = await asyncio.to_thread(source.compile)
            if len(self._forms) > FORMS_CACHED:
                self._forms.popitem(last=False)
        return self._forms[query.version]


def _offer(form: Document) -> SurveyOffer:
    return SurveyOffer(
        version=form["_id"],
        form=form["form"],
        titles=tuple(sorted(form["titles"].items())),
        kind=form.get("kind", ""),
    )


def resolvers(store: Store, nlu: NluClient) -> Facts:
    """All resolvers of a process."""
    forms = FormCache(store)

    async def open_surveys(_: OpenSurveys, __: str) -> tuple[SurveyOffer, ...]:
        return tuple(_offer(form) for form in await store.forms.offered())

    async def known_about_me(_: KnownAboutMe, citizen: str) -> Known:
        kept = await store.known_about(citizen)
        counts = tuple(sorted(kept["counts"].items()))
        return Known(kept.get("since"), kept.get("consent_at"), counts)

    async def understand(query: Understand, _: str) -> Understanding:
        return await nlu.understand(query.text, query.locale, query.within)

    facts = Facts()
    facts.register(FormVersion, forms.of)
    facts.register(OpenSurveys, open_surveys)
    facts.register(KnownAboutMe, known_about_me)
    facts.register(Understand, understand)
    register_civic_facts(facts, store)
    register_campaign_facts(facts, store)
    return facts
