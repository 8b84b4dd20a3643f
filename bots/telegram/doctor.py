"""What may be wrong between this bot and Telegram, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from telegram import Bot, User, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bots.channel import Finding
from bots.commands import COMMANDS
from bots.telegram.updates import ALLOWED_UPDATES
from settings import Settings

WEBHOOK_PORTS = (443, 80, 88, 8443)


async def examine(bot: Bot, settings: Settings, webhook_url: str) -> list[Finding]:
    """Findings about the token and the way in; never raises for Telegram's faults."""
    try:
        me = await bot.get_me()
    except InvalidToken:
        return [
            Finding(
                False,
                "Telegram rejects the token",
                "Put the token @BotFather shows for the bot into ONOO_TELEGRAM_TOKEN",
            )
        ]
    except TelegramError as error:
        return [
            Finding(
                False,
                f"Telegram can't be reached ({type(error).__name__})",
                f"Check the network and ONOO_TELEGRAM_BASE_URL ({settings.telegram_base_url})",
            )
        ]
    findings = [Finding(True, f"Telegram accepts the token of {me.username or me.first_name}")]
    findings.append(_groups(me))
    try:
        findings.append(_menu([command.command for command in await bot.get_my_commands()]))
        webhook = await bot.get_webhook_info()
    except TelegramError as error:
        mend = "Try again in a moment"
        return [*findings, Finding(False, f"No webhook info ({type(error).__name__})", mend)]
    if settings.telegram_mode == "polling":
        return [*findings, _polling(webhook)]
    return [*findings, _address(webhook_url), *_webhook(webhook, webhook_url)]


def _groups(me: User) -> Finding:
    if me.can_read_all_group_messages:
        mend = "Write /setprivacy to @BotFather, choose the bot, Enable"
        return Finding(False, "In groups it is shown everything people say", mend, stops=False)
    if me.can_join_groups:
        mend = "Write /setjoingroups to @BotFather, choose the bot, Disable"
        return Finding(
            False, "It may be put into groups, where it never answers", mend, stops=False
        )
    return Finding(True, "It stays out of groups")


def _menu(commands: Sequence[str]) -> Finding:
    if missing := [name for name in COMMANDS if name not in commands]:
        what = f"Its menu lacks {', '.join(missing)}"
        return Finding(False, what, "Start Onoo, which sets its menu", stops=False)
    return Finding(True, "Its menu has all commands")


def _polling(webhook: WebhookInfo) -> Finding:
    if webhook.url:
        return Finding(
            False,
            "A webhook is set, so that polling gets nothing",
            "Start Onoo, which removes it, or set ONOO_TELEGRAM_MODE=webhook",
        )
    return Finding(True, "Telegram has no webhook set: polling works")


def _address(url: str) -> Finding:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return Finding(
            False,
            "Telegram can only call a public https address",
            "Set ONOO_PUBLIC_URL to https://… of this server, or ONOO_TELEGRAM_MODE=polling",
        )
    if (parts.port or 443) not in WEBHOOK_PORTS:
        return Finding(
            False,
            f"Telegram calls no port {parts.port}",
            f"Serve on one of the ports {', '.join(map(str, WEBHOOK_PORTS))}",
        )
    return Finding(True, "The public address is one Telegram can call")


def _webhook(webhook: WebhookInfo, url: str) -> list[Finding]:
    restart = "Start Onoo, which sets it"
    if webhook.url != url:
        return [Finding(False, "The webhook isn't set to this server", restart)]
    findings = [Finding(True, "The webhook is set to this server, with a secret")]
    if set(webhook.allowed_updates or ()) != set(ALLOWED_UPDATES):
        findings.append(Finding(False, "The webhook gets other kinds of updates", restart))
    if webhook.last_error_message:
        when = (
            f" at {webhook.last_error_date:%Y-%m-%d %H:%M} UTC" if webhook.last_error_date else ""
        )
        findings.append(
            Finding(
                False,
                f"Telegram's last call failed{when}: {webhook.last_error_message} "
                f"({webhook.pending_update_count} updates waiting)",
                "Check that the server can be reached from outside and its certificate is valid",
            )
        )
    return findings
