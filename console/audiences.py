"""The form of an audience and of a campaign: from fields to what `campaigns` takes, and back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from campaigns.audience import Audience
from campaigns.campaign import LONGEST_WORDS, Campaign, Quota
from console.access import Access
from console.forms import Fields
from console.invitations import FIELD
from content.hours import DAY_FROM, DAY_TO, Hours, parse_time
from content.wording import MONGOLIA

LANGUAGES = ("mn", "en", "kk")
CHANNELS = ("telegram", "messenger", "web")
REMINDERS = {"": (), "3": (3,), "3,7": (3, 7), "2,5": (2, 5)}
MOST = 1_000_000
ANYBODY = Audience()


def read_audience(fields: Fields, access: Access) -> Audience:
    """The audience a form describes; a facilitator's lies within their own places.

    What is wrong is noted in `fields.errors`.
    """
    places = fields.several("places")
    if not access.everywhere:
        # Choosing nothing means everybody, and for them everybody is all of their own places.
        places = access.covered(places) if places else list(access.user.places)
        if not places:
            fields.errors["places"] = "console.form.choice"
    languages = [one for one in fields.several("languages") if one in LANGUAGES]
    channels = [one for one in fields.several("channels") if one in CHANNELS]
    try:
        return Audience(
            places=tuple(places),
            facilities=tuple(fields.several("facilities")),
            languages=tuple(languages) if len(languages) < len(LANGUAGES) else (),
            channels=tuple(channels) if len(channels) < len(CHANNELS) else (),
            seen_within=fields.whole("seen_within", 1, 3650, 0) or 0,
            took_part=tuple(fields.several("took_part")),
            not_took_part=tuple(fields.several("not_took_part")),
            tags=tuple(fields.several("tags")),
            sample=fields.whole("sample", 1, MOST, 0) or 0,
            stratified=bool(fields["stratified"]),
            seed=fields.text("seed", longest=60),
        )
    except ValueError:
        fields.errors["places"] = "console.form.choice"
        return Audience()


def read_campaign(fields: Fields, access: Access) -> dict[str, Any]:
    """A campaign's fields; what is wrong is noted in `fields.errors`."""
    audience = read_audience(fields, access)
    start, end = fields.moment("start"), fields.moment("end")
    hours = None
    if start is None or end is None:
        fields.errors.setdefault("start" if start is None else "end", "console.form.moment")
    else:
        hours = _hours(fields, start, end)
    reminders = fields.choice("reminders", REMINDERS)
    return {
        "title": fields.text("title", required=True, longest=120),
        "form": fields.text("form", required=True, longest=200),
        "audience": audience,
        "hours": hours,
        "facility": fields.text("facility", longest=60),
        "per_minute": fields.whole("per_minute", 1, 10_000, 0) or 0,
        "reminders": REMINDERS.get(reminders, ()),
        "two_people": bool(fields["two_people"]),
        "words": read_words(fields),
        "quotas": _quotas(fields, audience),
    }


def read_words(fields: Fields) -> dict[str, str]:
    """The author's own words of the invitation, by language; blank ones are left out."""
    found = {one: fields.text(FIELD + one, longest=LONGEST_WORDS) for one in LANGUAGES}
    return {locale: words for locale, words in found.items() if words}


def _quotas(fields: Fields, audience: Audience) -> tuple[Quota, ...]:
    """As many complete answers as are wanted: in all, and of each place that is asked."""
    total = fields.whole("quota_total", 1, MOST)
    each = fields.whole("quota_place", 1, MOST)
    if each and not audience.places:
        fields.errors["quota_place"] = "console.campaigns.quota_needs_places"
    quotas = [Quota("total", "", total)] if total else []
    return (*quotas, *(Quota("place", place, each) for place in audience.places if each))


def _hours(fields: Fields, start: datetime, end: datetime) -> Hours | None:
    try:
        day_from = parse_time(fields.text("day_from") or f"{DAY_FROM:%H:%M}")
        day_to = parse_time(fields.text("day_to") or f"{DAY_TO:%H:%M}")
    except ValueError:
        fields.errors["day_from"] = "console.campaigns.bad_time"
        return None
    try:
        return Hours(start, end, day_from, day_to)
    except ValueError:
        fields.errors["end" if end <= start else "day_to"] = "console.campaigns.bad_window"
        return None


def blank(now: datetime, form: str, audience: Audience = ANYBODY) -> dict[str, Any]:
    """The fields of an empty form: from the next full hour, for two weeks, by day."""
    start = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return {
        "title": "",
        "form": form,
        "facility": "",
        "start": local(start),
        "end": local(start + timedelta(days=14)),
        "day_from": f"{DAY_FROM:%H:%M}",
        "day_to": f"{DAY_TO:%H:%M}",
        "reminders": "3",
        "per_minute": "",
        "two_people": False,
        "words": {},
        "quota_total": "",
        "quota_place": "",
        "audience": audience,
    }


def filled(campaign: Campaign) -> dict[str, Any]:
    """The fields of a form that shows `campaign`."""
    reminders = ",".join(str(days) for days in campaign.reminders)
    return {
        "title": campaign.title,
        "form": campaign.form,
        "facility": campaign.facility,
        "start": local(campaign.hours.start),
        "end": local(campaign.hours.end),
        "day_from": f"{campaign.hours.day_from:%H:%M}",
        "day_to": f"{campaign.hours.day_to:%H:%M}",
        "reminders": reminders if reminders in REMINDERS else "3",
        "per_minute": campaign.per_minute or "",
        "two_people": campaign.two_people,
        "words": campaign.words,
        "quota_total": _limit(campaign, "total"),
        "quota_place": _limit(campaign, "place"),
        "audience": campaign.audience,
    }


def _limit(campaign: Campaign, by: str) -> int | str:
    return next((quota.limit for quota in campaign.quotas if quota.by == by), "")


def typed(fields: Fields, audience: Audience) -> dict[str, Any]:
    """The form as somebody filled it in, to show it again."""
    plain = ("title", "form", "facility", "start", "end", "day_from", "day_to", "reminders")
    return {
        **{name: fields[name] for name in plain},
        **{name: fields[name] for name in ("per_minute", "quota_total", "quota_place")},
        "two_people": bool(fields["two_people"]),
        "words": {one: fields[FIELD + one] for one in LANGUAGES},
        "audience": audience,
    }


def local(when: datetime) -> str:
    """A moment as a browser's field for date and time wants it, in Ulaanbaatar."""
    return when.astimezone(MONGOLIA).strftime("%Y-%m-%dT%H:%M")


def within(campaign: Campaign, access: Access, place_of_facility: str) -> bool:
    """Whether a campaign is theirs: all it asks, or what it is about, is in their places."""
    if access.everywhere or campaign.author == access.user.name:
        return True
    places = campaign.audience.places
    if places and all(access.covers(place) for place in places):
        return True
    return bool(place_of_facility) and access.covers(place_of_facility)
