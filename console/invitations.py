"""The words of an invitation as whoever gets it will see them, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.audience import Audience
from campaigns.campaign import Campaign
from campaigns.messages import invitation
from content.hours import Hours
from conversations.messages import Outgoing
from locales import LOCALES

FIELD = "words_"


@dataclass(frozen=True, slots=True)
class Shown:
    """The message in one language; `own` says that the author's words stand in it."""

    locale: str
    text: str
    buttons: tuple[str, ...]
    own: bool


def invitations(
    form: Mapping[str, Any], words: Mapping[str, str], kind: str = "invite"
) -> list[Shown]:
    """What is said in each language; `words` are the author's own, where there are any."""
    now = datetime.fromtimestamp(0).astimezone()
    title = str(form.get("title") or "")
    hours = Hours(now, now + timedelta(days=1))
    made = Campaign("preview", title, "", Audience(), hours, "", now, words=dict(words))
    messages = invitation(made, form.get("titles") or {}, kind)
    shown = []
    for locale in LOCALES:
        message = Outgoing.from_document(messages[locale])
        buttons = tuple(choice.label for choice in message.choices)
        shown.append(Shown(locale, message.text, buttons, bool(words.get(locale))))
    return shown
