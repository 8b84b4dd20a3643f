"""What may be wrong between this page and Messenger, and how to mend it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from bots.channel import Finding
from bots.foreign import items, mapping, string, whole
from bots.messenger.graph import Answer, GraphBot
from bots.messenger.profile import SUBSCRIBED_FIELDS, error_code
from settings import Settings

NEEDED = ("pages_messaging", "pages_manage_metadata")
FOR_TEMPLATES = "page_utility_messaging"
SHOWN = ("greeting", "get_started", "persistent_menu")
GUIDE = "docs/going-live.md"
TOKEN = f"Make a new one as {GUIDE} says under 'The page's token'"


async def examine(bot: GraphBot, settings: Settings, webhook_url: str) -> list[Finding]:
    """Findings about token, secrets and the way in; never raises for Graph's faults."""
    findings = [_secrets(settings), _address(settings)]
    try:
        page = await bot.get("", fields="id,name")
        if code := error_code(page):
            return [*findings, _refused(code)]
        name = string(page.body.get("name"), 100)
        findings.append(Finding(True, f"Graph accepts the token of the page {name}"))
        findings += _page_id(settings, string(page.body.get("id"), 64))
        findings += await _as_the_app_sees_it(bot, settings, webhook_url)
        findings.append(await _subscription(bot))
        findings.append(await _profile(bot))
        if settings.messenger_utility_template:
            findings.append(await _template(bot, settings.messenger_utility_template))
    except (aiohttp.ClientError, TimeoutError) as error:
        mend = f"Check the network and ONOO_MESSENGER_BASE_URL ({settings.messenger_base_url})"
        what = f"Graph can't be reached ({type(error).__name__})"
        return [*findings, Finding(False, what, mend)]
    return findings


# -- settings ------------------------------------------------------------------------------


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


def _page_id(settings: Settings, found: str) -> list[Finding]:
    if settings.messenger_page_id:
        return []
    what = "ONOO_MESSENGER_PAGE_ID is empty: posters and invitations can't lead to the page"
    return [Finding(False, what, f"Set it to {found}", stops=False)]


# -- the token, and the app's webhook --------------------------------------------------------


def _refused(code: str) -> Finding:
    return Finding(
        False,
        f"Graph refuses the page's token or app secret (code {code})",
        "Put the page's access token into ONOO_MESSENGER_TOKEN and the secret of the same app "
        "into ONOO_MESSENGER_APP_SECRET",
    )


async def _as_the_app_sees_it(bot: GraphBot, settings: Settings, webhook: str) -> list[Finding]:
    """What only the app may read: https://developers.facebook.com/docs/graph-api/reference/ has
    debug_token and app/subscriptions.
    """
    app = settings.messenger_app_id
    if not app:
        what = "ONOO_MESSENGER_APP_ID is empty: permissions and webhook can't be looked at"
        mend = "Copy the App ID from the app's Settings → Basic"
        return [Finding(False, what, mend, stops=False)]
    inspected = f"debug_token?input_token={quote(bot.access_token)}"
    answers = await bot.read_as_app(app, inspected, f"{quote(app)}/subscriptions")
    refused = next((code for code in map(error_code, answers) if code), "")
    if refused or len(answers) != 2:
        what = f"Graph doesn't know the app by its number and secret (code {refused or '-'})"
        mend = "Copy App ID and App secret of the same app, from its Settings → Basic"
        return [Finding(False, what, mend, stops=False)]
    return [_token(mapping(answers[0].body.get("data")), settings), _webhook(answers[1], webhook)]


def _token(seen: dict[str, Any], settings: Settings) -> Finding:
    if seen.get("is_valid") is not True:
        return Finding(False, "The page's token is not valid any more", TOKEN)
    if string(seen.get("app_id"), 64) not in ("", settings.messenger_app_id):
        mend = "Generate the page's token for the app whose secret is set"
        return Finding(False, "The page's token belongs to another app", mend)
    needed = {*NEEDED, *([FOR_TEMPLATES] if settings.messenger_utility_template else [])}
    if lacking := sorted(needed - {string(each, 64) for each in items(seen.get("scopes"))}):
        what = f"The token lacks the permissions {', '.join(lacking)}"
        return Finding(False, what, TOKEN, stops=NEEDED[0] in lacking)
    if ends := whole(seen.get("expires_at")):
        what = f"The token runs out on {datetime.fromtimestamp(ends, UTC):%Y-%m-%d}"
        mend = f"Use a token of a system user, as {GUIDE} says under 'The page's token'"
        return Finding(False, what, mend, stops=False)
    return Finding(True, "The token has the permissions it needs and does not run out")


def _webhook(answer: Answer, expected: str) -> Finding:
    mend = (
        f"In the app's webhook settings, set the callback URL to {expected} with the verify token"
    )
    hooks = [mapping(each) for each in items(answer.body.get("data"))]
    hook = next((one for one in hooks if one.get("object") == "page" and one.get("active")), None)
    if hook is None:
        return Finding(False, "The app has no webhook for pages", mend)
    if (url := string(hook.get("callback_url"), 300)) != expected:
        return Finding(False, f"The app's webhook leads to {urlsplit(url).netloc}", mend)
    fields = {string(mapping(each).get("name"), 64) for each in items(hook.get("fields"))}
    if missing := sorted(set(SUBSCRIBED_FIELDS.split(",")) - fields):
        what = f"The app's webhook lacks the fields {', '.join(missing)}"
        return Finding(False, what, "Subscribe to them in the app's webhook settings")
    return Finding(True, "The app's webhook leads here, with all fields")


# -- the page --------------------------------------------------------------------------------


async def _subscription(bot: GraphBot) -> Finding:
    subscribed = await bot.get("subscribed_apps")
    fields = {
        string(each, 64)
        for app in items(subscribed.body.get("data"))
        for each in items(mapping(app).get("subscribed_fields"))
    }
    if missing := sorted(set(SUBSCRIBED_FIELDS.split(",")) - fields):
        what = f"The page doesn't send us {', '.join(missing)}"
        return Finding(False, what, "Start Onoo, which subscribes the page")
    return Finding(True, "The page sends us its messages")


async def _profile(bot: GraphBot) -> Finding:
    answer = await bot.get("messenger_profile", fields=",".join(SHOWN))
    shown = {name for each in items(answer.body.get("data")) for name in mapping(each)}
    if missing := [name for name in SHOWN if name not in shown]:
        what = f"The page lacks its {', '.join(missing)}"
        return Finding(False, what, "Start Onoo, which sets them", stops=False)
    return Finding(True, "The page shows greeting, start button and menu")


async def _template(bot: GraphBot, name: str) -> Finding:
    answer = await bot.get("message_templates", name=name, fields="name,status,language")
    found = [
        each for each in map(mapping, items(answer.body.get("data"))) if each.get("name") == name
    ]
    approved = sorted(string(one.get("language"), 16) for one in found if _is_approved(one))
    if approved:
        return Finding(True, f"The template {name} is approved in {', '.join(approved)}")
    states = sorted({string(one.get("status"), 32) for one in found})
    what = f"The template {name} is not approved ({', '.join(states) or 'there is none'})"
    mend = f"Make it as {GUIDE} says, or leave ONOO_MESSENGER_UTILITY_TEMPLATE empty"
    return Finding(False, what, mend, stops=False)


def _is_approved(template: dict[str, Any]) -> bool:
    return template.get("status") == "APPROVED"
