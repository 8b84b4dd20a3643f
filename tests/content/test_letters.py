"""Letters from a citizen's own words: right letters, nothing lost, nothing smuggled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from content.fonts import BOLD, REGULAR
from content.letter_pdf import as_pdf
from content.letters import KINDS, MAX_BODY, Letter, as_text

MONGOLIAN = "АБВГДЕЁЖЗИЙКЛМНОӨПРСТУҮФХЦЧШЩЪЫЬЭЮЯ" + "абвгдеёжзийклмноөпрстуүфхцчшщъыьэюя" + "₮«»№—–"
LETTER = Letter(
    "information",
    "Хан-Уул дүүргийн Засаг даргын Тамгын газар",
    "Сургуулийн засварт хэдэн төгрөг зарцуулсан бэ?\nӨмнөх жилийнхтэй харьцуулж өгнө үү.",
    date(2026, 11, 24),
    "Хан-Уул дүүрэг",
    "Б.Өлзий",
    "99001122",
)


def test_the_text_holds_the_citizen_s_words_and_the_law() -> None:
    told = as_text(LETTER)
    for part in (LETTER.to, LETTER.sender, LETTER.contact, LETTER.place, *LETTER.body.split("\n")):
        assert part in told
    assert told.startswith("МЭДЭЭЛЭЛ АВАХ ХҮСЭЛТ")
    assert "2026 оны арван нэгдүгээр сарын 24" in told
    assert "Нийтийн мэдээллийн ил тод байдлын тухай хуулийг" in told


def test_a_petition_without_a_name_leaves_blanks_to_fill_in() -> None:
    told = as_text(replace(LETTER, kind="petition", sender="", contact="", place=""))
    assert told.startswith("ӨРГӨДӨЛ")
    assert told.count("____") >= 3
    assert "Газар:" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_the_pdf_is_whole_and_always_the_same(kind: str) -> None:
    letter = replace(LETTER, kind=kind)
    data = as_pdf(letter)
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert b"DejaVuSans" in data
    assert data == as_pdf(letter)


@pytest.mark.parametrize("path", [REGULAR, BOLD])
def test_the_typeface_has_every_mongolian_letter(path: str) -> None:
    known = TTFont(path).getBestCmap()
    assert [letter for letter in MONGOLIAN if ord(letter) not in known] == []


def test_a_long_letter_runs_over_pages() -> None:
    long = replace(LETTER, body="Урт захидал. " * 1000)
    assert as_pdf(long).count(b"/Type /Page\n") == 2
    assert len(as_text(long)) < MAX_BODY + 1000


@given(st.text(max_size=300), st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_no_words_break_a_letter(body: str, name: str) -> None:
    letter = replace(LETTER, body=body, sender=name)
    assert as_pdf(letter).startswith(b"%PDF-")
    assert as_text(letter)


def test_markup_in_the_citizen_s_words_is_only_words() -> None:
    told = replace(LETTER, body="<para><img src='file:///etc/passwd'/></para> & <b>")
    assert as_pdf(told).startswith(b"%PDF-")
