"""What may be wrong between this page and Messenger, and how to mend it."""

from __future__ import annotations

import aiohttp

from bots.channel import Finding
from bots.foreign import items, mapping, string
from bots.messenger.graph import GraphBot
from bots.messenger.profile import SUBSCRIBED_FIELDS, error_code
from settings import Settings


async def examine(bot: GraphBot, settings: Settings) -> list[Finding]:
    """Findings about token, secrets and the way in; never raises for Graph's faults."""
    findings = [_secrets(settings), _address(settings)]
    try:
        page = await bot.get("", fields="id,name")
        if code := error_code(page):
            return [*findings, _refused(code)]
        name = string(page.body.get("name"), 100)
        findings.append(Finding(True, f"Graph accepts the token of the page {name}"))
        subscribed = await bot.get("subscribed_apps")
    except (aiohttp.ClientError, TimeoutError) as error:
        mend = f"Check the network and ONOO_MESSENGER_BASE_URL ({settings.messenger_base_url})"
        what = f"Graph can't be reached ({type(error).__name__})"
        return [*findings, Finding(False, what, mend)]
    fields = {
        string(each, 64)
        for app in items(subscribed.body.get("data"))
        for each in items(mapping(app).get("subscribed_fields"))
    }
    missing = sorted(set(SUBSCRIBED_FIELDS.split(",")) - fields)
    if missing:
        what = f"The page doesn't send us {', '.join(missing)}"
        return [*findings, Finding(False, what, "Start Onoo, which subscribes the page")]
    return [*findings, Finding(True, "The page sends us its messages")]


def _secrets(settings: Settings) -> Finding:
    if not settings.messenger_verify_token.get_secret_value():
        return Finding(
            False,
            "No verify token is set, so Meta can't confirm the webhook",
            "Make up ONOO_MESSENGER_VERIFY_TOKEN and enter it in the app's webhook settings",
        )
    return Finding(True, "App secret and verify token are set")


def _address(settings: Settings) -> Finding:
    if not settings.public_url.startswith("https://"):
        return Finding(
            False,
            "Meta can only call a public https address",
            "Set ONOO_PUBLIC_URL to https://… of this server, and in the app's webhook "
            "settings that address followed by /messenger/webhook",
        )
    return Finding(True, "The public address is one Meta can call")


def _refused(code: str) -> Finding:
    return Finding(
        False,
        f"Graph refuses the page's token or app secret (code {code})",
        "Put the page's access token into ONOO_MESSENGER_TOKEN and the secret of the same app "
        "into ONOO_MESSENGER_APP_SECRET",
    )
