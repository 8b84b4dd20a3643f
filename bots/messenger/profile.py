"""What Messenger shows before and beside the chat: greeting, start button and menu."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp

from bots.channel import Receipt, Result
from bots.commands import COMMANDS
from bots.foreign import mapping, whole
from bots.messenger.events import GET_STARTED
from bots.messenger.faults import receipt_for, receipt_for_failure
from bots.messenger.graph import Answer, GraphBot
from locales import text as words

LOCALES = {"default": "mn", "mn_MN": "mn", "en_US": "en", "en_GB": "en", "kk_KZ": "kk"}
SUBSCRIBED_FIELDS = "messages,messaging_postbacks,messaging_referrals,messaging_optins"


def profile() -> dict[str, Any]:
    """The page's profile in every language; Mongolian for all other languages."""
    return {
        "get_started": {"payload": GET_STARTED},
        "greeting": [
            {"locale": locale, "text": words(language, "channel.messenger.greeting")}
            for locale, language in LOCALES.items()
        ],
        "persistent_menu": [
            {
                "locale": locale,
                "composer_input_disabled": False,
                "call_to_actions": [
                    {
                        "type": "postback",
                        "title": words(language, f"command.{name}"),
                        "payload": f"/{name}",
                    }
                    for name in COMMANDS
                ],
            }
            for locale, language in LOCALES.items()
        ],
    }


async def introduce(bot: GraphBot) -> Receipt:
    """Subscribe the page and set its profile; SENT, or what became of the first that failed."""
    calls: tuple[Callable[[], Awaitable[Answer]], ...] = (
        partial(bot.subscribe, SUBSCRIBED_FIELDS),
        partial(bot.set_profile, profile()),
    )
    for call in calls:
        try:
            answer = await call()
        except (aiohttp.ClientError, TimeoutError) as error:
            return receipt_for_failure(error)
        if error_code(answer):
            return receipt_for(answer)
    return Receipt(Result.SENT)


def error_code(answer: Answer) -> str:
    """The code of an error in `answer`, or "" when it is a success."""
    error = mapping(answer.body.get("error"))
    if error:
        return str(whole(error.get("code")))
    return "" if answer.status < 400 else f"http:{answer.status}"
