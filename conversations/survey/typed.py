"""What a typed reply means as an answer: in any script, in words or figures, or a bit of both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rapidfuzz import fuzz

from conversations.survey.choices import Option
from conversations.survey.values import number_text
from nlu.normalize import skeleton

CLOSE = 84.0
"""How alike (0 to 100) a misspelt word must be to a choice."""
SHORTEST_FUZZY = 4
MANY = 8
"""Choices offered when several may be meant."""

_UNITS = {
    "нэг": 1, "хоёр": 2, "гурав": 3, "гурван": 3, "дөрөв": 4, "дөрвөн": 4, "тав": 5, "таван": 5,
    "зургаа": 6, "зургаан": 6, "долоо": 7, "долоон": 7, "найм": 8, "найман": 8, "ес": 9,
    "есөн": 9, "арав": 10, "арван": 10, "хорь": 20, "хорин": 20, "гуч": 30, "гучин": 30,
    "дөч": 40, "дөчин": 40, "тавь": 50, "тавин": 50, "жар": 60, "жаран": 60, "дал": 70,
    "далан": 70, "ная": 80, "наян": 80, "ер": 90, "ерэн": 90, "тэг": 0,
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30,
    "бір": 1, "екі": 2, "үш": 3, "төрт": 4, "бес": 5,
}  # fmt: skip
_TIMES = {"зуу": 100, "зуун": 100, "мянга": 1000, "мянган": 1000, "сая": 10**6, "тэрбум": 10**9}
_WORDS = {skeleton(word): number for word, number in _UNITS.items()}
_MULTIPLIERS = {skeleton(word): number for word, number in _TIMES.items()}
_NOT = {skeleton(word) for word in ("биш", "үгүй", "not", "емес")}
_YES = {skeleton(word) for word in ("тийм", "за", "yes", "иә", "тэгсэн", "байгаа", "ok")}
_NO = {skeleton(word) for word in ("үгүй", "no", "жоқ", "байхгүй")}
_TODAY = {skeleton(word) for word in ("өнөөдөр", "today", "бүгін")}
_YESTERDAY = {skeleton(word) for word in ("өчигдөр", "yesterday", "кеше")}

_FIGURE = re.compile(r"\d+(?:[ ,.']\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_YEAR_FIRST = re.compile(r"(\d{4})\D{1,8}(\d{1,2})\D{1,8}(\d{1,2})\D*")
_DAY_FIRST = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})\.?")
_CLOCK = re.compile(r"(\d{1,2})\s*(?::|\.|цаг\w*)\s*(?:(\d{1,2})\s*(?:мин\w*)?)?", re.IGNORECASE)
_LEADING = re.compile(r"^[\W_]*(\d+)\b")
_COORDINATES = re.compile(r"(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)")
_SEPARATORS = re.compile(
    r"\s*(?:[,;/\n]|\b(?:ба|болон|ba|bolon|and|және)\b|\s&\s)\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood: a `value`, or `options` to choose among, or neither."""

    value: str = ""
    options: tuple[Option, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.value or self.options)


def numbers_in(text: str) -> list[float]:
    """The numbers in a text, in figures or in words ("арван хоёр", "2 сая", "2,5")."""
    found: list[float] = []
    pending: float | None = None
    for token in re.findall(rf"{_FIGURE.pattern}|[^\W\d_]+", text):
        if token[0].isdecimal():
            if pending is not None:
                found.append(pending)
            pending = _figure(token)
            continue
        key = skeleton(token)
        if key in _MULTIPLIERS and (pending is not None or key not in _WORDS):
            pending = (1 if pending is None else pending) * _MULTIPLIERS[key]
        elif key in _WORDS:
            number = _WORDS[key]
            if pending is not None and pending >= 10 > number and pending % 10 == 0:
                pending += number
            else:
                if pending is not None:
                    found.append(pending)
                pending = number
    if pending is not None:
        found.append(pending)
    return found


def _figure(token: str) -> float:
    if re.fullmatch(r"\d+(?:[ ,.']\d{3})+(?:[.,]\d+)?", token) and not re.fullmatch(
        r"\d+[.,]\d{3}", token
    ):
        whole, _, fraction = _split_fraction(token)
        return float(re.sub(r"\D", "", whole) + (f".{fraction}" if fraction else ""))
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", token):
        return float(token.replace(",", ""))
    return float(token.replace(",", "."))


def _split_fraction(token: str) -> tuple[str, str, str]:
    match = re.search(r"[.,](\d{1,2}|\d{4,})$", token)
    return (token[: match.start()], ".", match.group(1)) if match else (token, "", "")


def read_number(text: str, *, whole: bool) -> Reading:
    """An integer or a decimal; two numbers ("3-4") are given back to choose from."""
    negative = bool(re.match(r"\s*[-−]\s*\d", text))
    found = numbers_in(text)
    if not found or len(found) > 2:
        return Reading()
    if len(found) == 2 and not re.search(r"\d\s*[-–—~]\s*\d|\d\s+\d|эсвэл|or", text):
        return Reading()
    if whole and any(number != int(number) for number in found):
        return Reading()
    written = [number_text(-number if negative else number) for number in found]
    if len(written) == 1 or written[0] == written[1]:
        return Reading(written[0])
    return Reading(options=tuple(Option(i, name, name) for i, name in enumerate(written)))


def read_choice(text: str, options: Sequence[Option]) -> Reading:
    """The choice that a typed word or number means, or those it may mean."""
    for find in (_by_label, _by_number, _by_yes_no, _by_part, _by_likeness):
        found = find(text, options)
        if len(found) == 1:
            return Reading(found[0].name)
        if found:
            return Reading(options=tuple(found[:MANY]))
    return Reading()


def bare(label: str) -> str:
    """A label's words, without the figure and the picture before them."""
    return _LEADING.sub("", label).strip()


def _by_label(text: str, options: Sequence[Option]) -> list[Option]:
    typed = text.strip().lower()
    key = skeleton(text)
    found = []
    for option in options:
        label = option.label.lower()
        if typed in (label, option.name.lower()):
            return [option]
        if (key and key in (skeleton(option.label), skeleton(bare(option.label)))) or (
            not key and typed and typed in label
        ):
            found.append(option)
    return found


def _by_number(text: str, options: Sequence[Option]) -> list[Option]:
    found: list[Option] = []
    numbers = numbers_in(re.sub(r"(?<=\d),(?=\d)", " , ", text))
    plain = re.sub(rf"{_FIGURE.pattern}|[\W_]+", " ", text).split()
    extra = [w for w in map(skeleton, plain) if w not in _WORDS and w not in _MULTIPLIERS]
    if not numbers or len(numbers) > 2 or len(extra) > 2 or _NOT & set(extra):
        return []
    for number in numbers:
        option = _numbered(number_text(number), options)
        if option is None:
            return []
        if option not in found:
            found.append(option)
    return found


def _numbered(number: str, options: Sequence[Option]) -> Option | None:
    named = [option for option in options if option.name == number]
    if named:
        return named[0]
    leading = [
        option for option in options if (m := _LEADING.match(option.label)) and m.group(1) == number
    ]
    if leading:
        return leading[0] if len(leading) == 1 else None
    if any(option.name.isdecimal() for option in options):
        return None
    place = int(number) if number.isdecimal() else 0
    return options[place - 1] if 1 <= place <= len(options) else None


def _by_yes_no(text: str, options: Sequence[Option]) -> list[Option]:
    key = skeleton(text)
    for words in (_YES, _NO):
        if key in words:
            return [option for option in options if skeleton(bare(option.label)) in words]
    return []


def _by_part(text: str, options: Sequence[Option]) -> list[Option]:
    """Choices whose words stand in the text, else those that the text begins a word of."""
    key = f" {skeleton(text)} "
    if _NOT & set(key.split()):
        return []
    inside = [
        (label, option)
        for option in options
        if (label := skeleton(bare(option.label))) and f" {label} " in key
    ]
    if inside:
        return _not_within_others(inside)
    if len(key) < SHORTEST_FUZZY + 2:
        return []
    return [option for option in options if f" {key.strip()}" in f" {skeleton(option.label)}"]


def _not_within_others(found: list[tuple[str, Option]]) -> list[Option]:
    """Without the choices whose words are part of another's: "good" beside "very good"."""
    return [
        option
        for label, option in found
        if not any(f" {label} " in f" {other} " for other, _ in found if other != label)
    ]


def _by_likeness(text: str, options: Sequence[Option]) -> list[Option]:
    key = skeleton(text)
    if len(key) < SHORTEST_FUZZY or _NOT & set(key.split()):
        return []
    scored = sorted(
        ((fuzz.ratio(key, skeleton(bare(option.label))), option) for option in options),
        key=lambda pair: -pair[0],
    )
    best = [option for score, option in scored if score >= CLOSE]
    clear = len(scored) > 1 and scored[0][0] - scored[1][0] >= 8
    return best[:1] if best and clear else best


def read_several(text: str, options: Sequence[Option]) -> tuple[str, ...] | None:
    """The choices a typed list names, in its order; None unless every part is one."""
    parts = [part for part in _SEPARATORS.split(text.strip()) if part]
    if len(parts) == 1 and re.fullmatch(r"[\d\s.-]+", text.strip()):
        parts = re.findall(r"\d+", text)
    names: list[str] = []
    for part in parts:
        reading = read_choice(part, options)
        if not reading.value:
            return None
        if reading.value not in names:
            names.append(reading.value)
    return tuple(names) or None


def read_date(text: str, today: date) -> str:
    """An ISO date from the ways people write one, or ""."""
    key = skeleton(text)
    if key in _TODAY:
        return today.isoformat()
    if key in _YESTERDAY:
        return (today - timedelta(days=1)).isoformat()
    if match := _YEAR_FIRST.fullmatch(text.strip()):
        parts = match.groups()
    elif match := _DAY_FIRST.fullmatch(text.strip()):
        parts = match.groups()[::-1]
    else:
        return ""
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return ""


def read_time(text: str) -> str:
    """A time of day as HH:MM:SS, or ""."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return ""
    try:
        return time(int(match.group(1)), int(match.group(2) or 0)).isoformat()
    except ValueError:
        return ""


def read_datetime(text: str, now: datetime) -> str:
    """An ISO date and time in the zone of `now`, or ""."""
    head, _, tail = text.strip().rpartition(" ")
    day, clock = read_date(head, now.date()), read_time(tail)
    if not day or not clock:
        return ""
    moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=now.tzinfo)
    return moment.isoformat(timespec="milliseconds")


def read_place(text: str) -> str:
    """A geopoint ("latitude longitude 0 0") from typed coordinates, or ""."""
    match = _COORDINATES.fullmatch(text.strip())
    if match is None:
        return ""
    return geopoint(float(match.group(1)), float(match.group(2)))


def geopoint(latitude: float, longitude: float) -> str:
    """A place as XForms writes it, or "" when it is nowhere on earth."""
    if abs(latitude) > 90 or abs(longitude) > 180:
        return ""
    return f"{latitude} {longitude} 0 0"
