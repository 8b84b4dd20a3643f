"""The versions of a form that an export covers, compiled, the latest first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from analytics.request import RequestError
from conversations.survey.comparison import compare_forms
from conversations.survey.form import Form
from conversations.survey.source import FormSource
from locales.told import Told
from storage.exporting import Exporting


@dataclass(frozen=True, slots=True)
class Version:
    """One version: `source` as published, `form` ready to be read."""

    published: datetime
    source: FormSource
    form: Form


async def versions_of(
    exporting: Exporting, form_id: str, version: str, cutoff: datetime
) -> tuple[Version, ...]:
    """The versions of a form published by `cutoff`; raises RequestError when there are none."""
    documents = [one async for one in exporting.form_versions(form_id)]
    if not documents:
        raise RequestError(Told("exports.fault.no_form", form=form_id))
    found = [
        one
        for one in documents
        if one["published"] <= cutoff and (not version or one["_id"] == version)
    ]
    if version and not found:
        known = ", ".join(sorted(one["_id"] for one in documents))
        raise RequestError(
            Told("exports.fault.no_version", form=form_id, version=version, known=known)
        )
    if not found:
        raise RequestError(Told("exports.fault.not_yet", form=form_id, moment=cutoff.isoformat()))
    found.sort(key=lambda one: (one["published"], one["_id"]), reverse=True)
    return await asyncio.to_thread(lambda: tuple(_compiled(one) for one in found))


def _compiled(document: dict[str, object]) -> Version:
    source = FormSource.from_document(document)
    published = document["published"]
    assert isinstance(published, datetime)  # noqa: S101  (for the type checker)
    return Version(published, source, source.compile())


def changes_between(versions: tuple[Version, ...], locale: str) -> list[str]:
    """What changed from each version to the next, in words, as Markdown."""
    lines: list[str] = []
    for older, newer in zip(versions[:0:-1], versions[-2::-1], strict=True):
        lines.append(f"### {older.source.version} → {newer.source.version}")
        changes = [f"- {one.message(locale)}" for one in compare_forms(older.form, newer.form)]
        lines += ["", *(changes or ["- –"]), ""]
    return lines
