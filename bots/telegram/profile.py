"""What Telegram shows of the bot before and beside the chat: commands and descriptions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from telegram import Bot, BotCommand
from telegram.error import InvalidToken, TelegramError

from bots.commands import COMMANDS
from locales import LOCALES
from locales import text as words

log = structlog.get_logger(__name__)


async def introduce(bot: Bot) -> None:
    """Set commands and descriptions in every language; Mongolian for all other languages.

    What can't be set is logged and left: none of it is needed for a conversation. Raises
    InvalidToken, since then nothing will work.
    """
    for locale in LOCALES:
        language = None if locale == "mn" else locale
        commands = [BotCommand(name, words(locale, f"command.{name}")) for name in COMMANDS]
        calls: tuple[Callable[[], Awaitable[bool]], ...] = (
            partial(bot.set_my_commands, commands, language_code=language),
            partial(
                bot.set_my_description,
                words(locale, "channel.telegram.description"),
                language_code=language,
            ),
            partial(
                bot.set_my_short_description,
                words(locale, "channel.telegram.about"),
                language_code=language,
            ),
        )
        for call in calls:
            try:
                await call()
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("telegram_profile", locale=locale, fault=type(error).__name__)
