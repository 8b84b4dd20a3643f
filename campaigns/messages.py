"""What a campaign says, in each language, as messages ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaigns.campaign import Campaign
from conversations.messages import Choice, Outgoing
from locales import LOCALES, text
from storage.store import Document

GO, NO = "inv:go:", "inv:no:"
"""What the buttons of an invitation bring back, before the campaign's id."""


def invitation(campaign: Campaign, titles: Mapping[str, str], kind: str) -> dict[str, Document]:
    """The invitation or reminder of a campaign, by language.

    `titles` is the survey's title by language. The author's own words, where there are any,
    stand in place of the first sentences; who asks and how to stop is always said.
    """
    return {locale: _invitation(campaign, titles, kind, locale) for locale in LOCALES}


def _invitation(
    campaign: Campaign, titles: Mapping[str, str], kind: str, locale: str
) -> dict[str, Any]:
    title = titles.get(locale) or titles.get("mn") or campaign.title
    own = campaign.words.get(locale, "") if kind == "invite" else ""
    words = own or text(locale, f"invitation.{kind}", title=title)
    choices = (
        Choice(text(locale, "invitation.button.go"), GO + campaign.id),
        Choice(text(locale, "invitation.button.no"), NO + campaign.id),
        Choice(text(locale, "settings.stop"), "go:stop"),
    )
    return Outgoing(words, choices, locale=locale).to_document()


def template(campaign: Campaign, titles: Mapping[str, str], locale: str) -> list[dict[str, Any]]:
    """The parts of Messenger's utility template: the survey's title, and the button to start.

    The template an operator has approved must have one text in its body and one postback
    button. (Whether Meta approves such a template is not confirmed.)
    """
    title = titles.get(locale) or titles.get("mn") or campaign.title
    return [
        {"type": "body", "parameters": [{"type": "text", "text": title}]},
        {
            "type": "button",
            "sub_type": "postback",
            "index": 0,
            "parameters": [{"type": "payload", "payload": GO + campaign.id}],
        },
    ]
