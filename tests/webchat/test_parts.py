"""The web chat's parts by themselves: frames, files, allowances, words, colours."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from bots.web import frames, page
from bots.web.allowance import SWEEP_AT, Allowance
from bots.web.file_types import sniff
from conversations.messages import Choice, Outgoing
from locales import LOCALES
from tests.world.browser import chromium_or_skip

EVENT = "0b5e2a54-93a3-4b1e-8f0e-0123456789ab"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def frame(kind: str, **fields: object) -> str:
    """A frame as the page would send it."""
    return json.dumps({"type": kind, "id": EVENT, **fields})


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        ("{", "malformed", "frame"),
        ("[]", "malformed", "frame"),
        (frame("dance"), "malformed", "frame"),
        (frame("text", id="1", text="a"), "malformed", "text.id"),
        (frame("text", id=EVENT + "\n", text="a"), "malformed", "text.id"),
        (frame("text", text=" \x00 "), "malformed", "text.text"),
        (frame("text", text="a" * 8001), "too_long", "text.text"),
        (frame("text", text="a", x=1), "malformed", "text.x"),
        (frame("tap", payload="ө" * 33), "malformed", "tap.payload"),
        (frame("join", payload="a b"), "malformed", "join.payload"),
        (frame("location", latitude=91, longitude=0), "malformed", "location.latitude"),
    ],
)
def test_bad_frames_are_told_what_is_wrong_and_where(raw: str, code: str, where: str) -> None:
    with pytest.raises(frames.BadFrame) as fault:
        frames.parse(raw)
    assert fault.value.code == code
    assert str(fault.value).startswith(f"{where}: ")


def test_typed_words_lose_controls_and_keep_lines() -> None:
    raw = frame("text", text=" a\x07b\r\nв\x00 ")
    assert frames.parse(raw).incoming(NOW, "").text == "ab\nв"


def test_location_is_not_kept_in_the_history() -> None:
    raw = frame("location", latitude=47.9, longitude=106.9)
    assert "47.9" not in str(frames.did(frames.parse(raw), NOW))


def test_said_entry_has_all_the_page_shows() -> None:
    message = Outgoing("Сайн уу", (Choice("Тийм", "y"),), 2, picture="p", wants="location")
    assert frames.said(message, "i", NOW) == {
        "id": "i",
        "from": "onoo",
        "kind": "said",
        "at": "2026-01-02T00:00:00+00:00",
        "lang": "mn",
        "text": "Сайн уу",
        "choices": [{"label": "Тийм", "payload": "y"}],
        "columns": 2,
        "picture": "p",
        "wants": "location",
    }


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Та юу мэдмээр байна вэ?", "mn"),
        ("", "mn"),
        ("1–5", "mn"),
        ("Төсөв: https://shilendans.gov.mn/a/very/long/address", "mn"),
        ("What would you like to know?", "en"),
        ("Не білгіңіз келеді?", "kk"),
        ("Хэлээ сонгоно уу. Мэдээллийг монгол, қазақ хэлээр авч болно.", "mn"),
    ],
)
def test_language_is_told_by_the_letters(words: str, language: str) -> None:
    assert frames.language_of(words) == language


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "", "image/webp"),
        (b"RIFF\0\0\0\0AVI ", "a.webp", ""),
        (b"\0\0\0\x18ftypheic", "", "image/heic"),
        (b"\0\0\0\x18ftyp3gp4", "", "video/3gpp"),
        (b"\0\0\0\x18ftypisom", "", "video/mp4"),
        (b"%PDF-1.7", "a.exe", "application/pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.XLS", "application/vnd.ms-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "application/msword"),
        (b"<svg xmlns=", "a.svg", ""),
        (b"plain words", "a.txt", ""),
    ],
)
def test_files_are_told_by_their_bytes(data: bytes, name: str, mime: str) -> None:
    assert sniff(data, name) == mime


def test_allowance_refills_and_forgets() -> None:
    now = 0.0
    allowance = Allowance(burst=2, per_second=0.5, clock=lambda: now)
    assert [allowance.take("a"), allowance.take("a")] == [0.0, 0.0]
    assert allowance.take("a") == pytest.approx(2.0)
    assert allowance.take("b") == 0.0
    now = 2.0
    assert allowance.take("a") == 0.0
    assert allowance.take("a") > 0
    now = 1000.0
    for n in range(SWEEP_AT):
        allowance.take(str(n))
    assert len(allowance._spent) <= SWEEP_AT


def test_without_a_browser_tests_are_skipped_but_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.world.browser.chromium", lambda: "")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        chromium_or_skip()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        chromium_or_skip()


@pytest.mark.parametrize("locale", LOCALES)
def test_page_has_every_word_in_every_language(locale: str) -> None:
    own = page.words(locale)
    for key in re.findall(r"(?:view|this)\.words\.([a-z_]+)", scripts()):
        assert key in own
    others = [page.words(other) for other in LOCALES if other != locale]
    for key, words in own.items():
        assert key in ("title", "onoo", "file") or all(words != other[key] for other in others)


def scripts() -> str:
    """All scripts of the page, joined."""
    return b"".join(data for name, data in page.assets().items() if name.endswith(".js")).decode()


def test_scripts_make_no_markup_of_words() -> None:
    for line in scripts().splitlines():
        if "innerHTML" in line or "insertAdjacentHTML" in line:
            assert "SHEET" in line or "TICK" in line, line
    assert "eval(" not in scripts()


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "felt", 4.5),
        ("ink", "sun-soft", 4.5),
        ("ink", "bad-soft", 4.5),
        ("ink-soft", "felt", 4.5),
        ("ink-soft", "paper", 4.5),
        ("sky", "paper", 4.5),
        ("sky", "sky-soft", 4.5),
        ("paper", "sky", 4.5),
        ("sun-deep", "sun-soft", 4.5),
        ("bad", "felt", 4.5),
        ("bad", "bad-soft", 4.5),
        ("good", "felt", 4.5),
        ("line-strong", "paper", 3.0),
    ],
)
def test_colours_can_be_read_by_everyone(text: str, ground: str, least: float) -> None:
    css = page.assets()["onoo.css"].decode()
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))
    light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least
